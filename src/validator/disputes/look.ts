import type { Provider } from "ethers";

import type { VouchingView } from "./decide.ts";
import type { Vouching } from "./vouching.ts";
import { enumName, type EnumValue } from "../../enums.ts";
import type { Protocol } from "../../protocol.ts";
import { providerOf } from "../providerOf.ts";
import type { Attestations, Attested } from "../watch/attestations.ts";

/** What binds a quote to a node, as the registry takes it. */
export interface Binding {
  readonly nonce: bigint;
  readonly blockNumber: bigint;
  readonly blockHash: string;
}

/** An attestation by the quote of a vouching, and what bound that. */
export interface Bound {
  readonly attested: Attested;
  readonly binding: Binding;
}

/** The chain's block at which something is read. */
interface At {
  readonly number: number;
  readonly time: number;
}

/** Reads what the chain has about a vouching. */
export async function readVouching(
  { quorumVerifier, nodeRegistry }: Protocol,
  { attestation: { quoteHash }, reportData }: Vouching,
  { number, time }: At,
): Promise<VouchingView> {
  const tag = { blockTag: number };
  const key = [await nodeRegistry.getAddress(), quoteHash, reportData] as const;
  const [record, { demandedAt }, disputePeriod, answerPeriod] = await Promise.all([
    quorumVerifier.getRecord(...key, tag),
    quorumVerifier.getDemand(...key, tag),
    quorumVerifier.disputePeriod(tag),
    quorumVerifier.answerPeriod(tag),
  ]);
  const { vouchedAt, disproven } = record;
  return {
    time: BigInt(time),
    vouchedAt,
    disproven,
    standing: enumName("Standing", record.standing) as EnumValue<"Standing">,
    answerBy: demandedAt === 0n ? 0n : demandedAt + answerPeriod,
    demandableUntil: vouchedAt + disputePeriod - answerPeriod,
    disputableUntil: vouchedAt + disputePeriod + answerPeriod,
  };
}

/** Which of the attestations by a quote is the one that was vouched for: its registration has that report data. */
export async function findBound(
  protocol: Protocol,
  attestations: Pick<Attestations, "heldOf" | "allOf">,
  { quoteHash, reportData }: { readonly quoteHash: string; readonly reportData: string },
  at: Pick<At, "number">,
): Promise<Bound | undefined> {
  const bound = await findAmong(protocol, attestations.heldOf(quoteHash), reportData, at);
  return bound ?? findAmong(protocol, attestations.allOf(quoteHash), reportData, at);
}

async function findAmong(
  { nodeRegistry }: Protocol,
  candidates: readonly Attested[],
  reportData: string,
  { number }: Pick<At, "number">,
): Promise<Bound | undefined> {
  const provider = providerOf(nodeRegistry);
  const tag = { blockTag: number };
  for (const attested of candidates) {
    const { nodeId, nonce, blockNumber } = attested;
    const blockHash = await hashOf(provider, blockNumber);
    if (blockHash === undefined) continue;
    const binding = { nonce, blockNumber, blockHash };
    const { provider: owner, enclaveKey } = await nodeRegistry.getNode(nodeId, tag);
    if ((await nodeRegistry.reportDataOf(owner, enclaveKey, binding, tag)) === reportData) return { attested, binding };
  }
  return undefined;
}

async function hashOf(provider: Pick<Provider, "getBlock">, number: bigint): Promise<string | undefined> {
  return (await provider.getBlock(Number(number)))?.hash ?? undefined;
}
