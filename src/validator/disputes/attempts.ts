import { AbiCoder, type ContractTransaction } from "ethers";

import type { Bound } from "./look.ts";
import type { Vouching } from "./vouching.ts";
import { encodeDocuments } from "../../collateral/documents.ts";
import { disputeType } from "../../eip712/vouch.ts";
import { enumName } from "../../enums.ts";
import type { Protocol } from "../../protocol.ts";
import type { Collateral } from "../../sgx/collateral.ts";
import type { Case } from "../store/cases.ts";

/** A vouching that is looked at, and what is known of it. */
export interface Looked {
  readonly found: Case;
  readonly vouching: Vouching;
  readonly bound: Bound;
  readonly quote: string | undefined;
  readonly collateral: Collateral | undefined;
}

/** A demand, if the chain would take it. */
export async function tryDemand(
  { quorumVerifier, nodeRegistry }: Protocol,
  { attestation: { quoteHash }, reportData }: Vouching,
  from: string,
  number: number,
): Promise<ContractTransaction> {
  const demand = [await nodeRegistry.getAddress(), quoteHash, reportData] as const;
  await quorumVerifier.demandQuote.staticCall(...demand, { from, blockTag: number });
  return quorumVerifier.demandQuote.populateTransaction(...demand);
}

/** A dispute, if the chain would answer it as expected; null where it would not. */
export async function tryDispute(
  { nodeRegistry, quorumVerifier }: Protocol,
  { vouching, bound, quote, collateral }: Looked,
  expected: "Disproven" | "Withheld",
  number: number,
): Promise<ContractTransaction | null> {
  const { attestation, basis, signers } = vouching;
  const shown = collateral === undefined ? "0x" : encodeDocuments(collateral);
  const facts = { attestation, basis, signers, quote, evidence: shown };
  const evidence = quote === undefined ? "0x" : AbiCoder.defaultAbiCoder().encode([disputeType], [facts]);
  const { nodeId, quoteHash } = bound.attested;
  const dispute = [nodeId, await quorumVerifier.getAddress(), quoteHash, bound.binding, evidence] as const;
  const standing = await nodeRegistry.dispute.staticCall(...dispute, { blockTag: number });
  const said = enumName("Standing", standing);
  // A quote that was withheld before and is disproven now stays withheld; its signers are slashed all the same.
  const isMeant = said === expected || (expected === "Disproven" && said === "Withheld");
  return isMeant ? nodeRegistry.dispute.populateTransaction(...dispute) : null;
}
