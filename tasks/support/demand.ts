import { nowOf, type PlatformContext } from "./context.ts";
import { formatTime } from "../../src/amounts.ts";
import { enumName, enumNumber } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";

/** What can be asked of a node's attestation, by the words for it. */
const DEMANDS = { final: "Final", "on-chain": "OnChain", live: "Live" } as const;

/** Reads what is asked of a node's attestation, as contracts take it. */
export function parseDemand(text: string): number {
  if (Object.hasOwn(DEMANDS, text)) return enumNumber("AttestationDemand", DEMANDS[text as keyof typeof DEMANDS]);
  throw new InputError(`"${text}" is not a demand on an attestation`, "Give final, on-chain or live.");
}

/** Why a node's attestation is not as demanded now, as DataGrants and TaskEscrow judge it; nothing where it is. */
export async function unmetDemand(
  context: PlatformContext,
  nodeId: bigint,
  demand: bigint | number,
): Promise<string | undefined> {
  const { nodeRegistry, dataGrants } = context.protocol;
  const wanted = enumName("AttestationDemand", demand);
  const [, number] = await nodeRegistry.verifierOf(nodeId);
  const kind = enumName("VerifierKind", number);
  if (kind === "None") return "the node was never attested";
  if (wanted === "Live" || kind === "OnChain") return undefined;
  if (wanted === "OnChain") return "a quorum vouched for the node's quote, but the chain has not verified it";
  const [{ attestedAt, disputeTime }, period, now] = await Promise.all([
    nodeRegistry.disputeTermsOf(nodeId),
    dataGrants.finalityPeriod(),
    nowOf(context),
  ]);
  const last = attestedAt + (disputeTime > period ? disputeTime : period);
  return last < now ? undefined : `the quorum's vouching for the node becomes final only after ${formatTime(last)}`;
}
