import { formatTime } from "../amounts.ts";
import { enumName } from "../enums.ts";
import type { Protocol } from "../protocol.ts";

/**
 * Why a node's attestation is not as demanded now, as DataGrants and TaskEscrow judge it; nothing where it is.
 *
 * @param now Unix seconds of the chain's clock.
 */
export async function unmetDemand(
  { protocol: { nodeRegistry, dataGrants } }: { readonly protocol: Protocol },
  nodeId: bigint,
  demand: bigint | number,
  now: bigint,
): Promise<string | undefined> {
  const wanted = enumName("AttestationDemand", demand);
  const [, number] = await nodeRegistry.verifierOf(nodeId);
  const kind = enumName("VerifierKind", number);
  if (kind === "None") return "the node was never attested";
  if (wanted === "Live" || kind === "OnChain") return undefined;
  if (wanted === "OnChain") return "a quorum vouched for the node's quote, but the chain has not verified it";
  const [{ attestedAt, disputeTime }, period] = await Promise.all([
    nodeRegistry.disputeTermsOf(nodeId),
    dataGrants.finalityPeriod(),
  ]);
  const last = attestedAt + (disputeTime > period ? disputeTime : period);
  return last < now ? undefined : `the quorum's vouching for the node becomes final only after ${formatTime(last)}`;
}
