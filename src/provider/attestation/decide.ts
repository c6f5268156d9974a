import { formatTime } from "../../amounts.ts";
import type { NodeView, ProviderView } from "../view.ts";

/** What is known beside the chain. */
export interface RenewalState {
  /** Seconds before it lapses at which an attestation is renewed; the default of {@link leadOf} when undefined. */
  readonly renewBefore: number | undefined;
  /** When this service renewed it last, in Unix seconds by the chain's clock; undefined where it never did. */
  readonly lastRenewed: bigint | undefined;
}

/** Seconds before it lapses at which an attestation is renewed: what is configured, else a quarter of the longest that one holds. */
export const leadOf = ({ maximumAge }: Pick<ProviderView, "maximumAge">, renewBefore: number | undefined): bigint =>
  renewBefore === undefined ? maximumAge / 4n : BigInt(renewBefore);

/** Whether a node has ended for good. */
export const hasEnded = ({ endedAt }: Pick<NodeView, "endedAt">, now: bigint): boolean =>
  endedAt !== 0n && endedAt <= now;

/** Whether another node is taking a node's platform over. */
export const isTakenOver = ({ endedAt, endReason }: Pick<NodeView, "endedAt" | "endReason">, now: bigint): boolean =>
  endedAt > now && endReason === "TakenOver";

/** Whether the chain is sure to refuse a node's next attestation: what it verified itself once, no quorum may vouch for any more. */
export const cannotAttestBy = ({ verifiedBy }: Pick<NodeView, "verifiedBy">, by: "chain" | "quorum"): boolean =>
  by === "quorum" && verifiedBy === "OnChain";

/** Why a node must be attested whether or not its attestation lapses. */
function whyAtOnce(node: NodeView, now: bigint): string | undefined {
  const { endedAt, suspendedSince } = node;
  if (isTakenOver(node, now)) return `another node takes its platform over at ${formatTime(endedAt)}`;
  return suspendedSince === 0n ? undefined : `it has been suspended since ${formatTime(suspendedSince)}`;
}

/** Why a node's attestation lapses soon enough to be renewed; undefined where it does not, or an end comes before. */
function whyInTime({ validUntil, endedAt }: NodeView, now: bigint, lead: bigint): string | undefined {
  // An exit that is set needs no attestation beyond it.
  const isEnough = endedAt !== 0n && validUntil >= endedAt;
  return isEnough || validUntil - now > lead ? undefined : `its attestation lapses at ${formatTime(validUntil)}`;
}

/**
 * Why a node's attestation is to be renewed now, with the values; undefined where it is not. What brought nothing, because the collateral that
 * it rests on lapses as soon, is not tried again at once.
 */
export function whyRenew(
  node: NodeView,
  view: Pick<ProviderView, "now" | "maximumAge" | "epochLength" | "nodesPaused">,
  { renewBefore, lastRenewed }: RenewalState,
): string | undefined {
  const { now, maximumAge, epochLength, nodesPaused } = view;
  if (hasEnded(node, now)) return undefined;
  if (node.attestations === 0n) return nodesPaused ? undefined : "it was never attested";
  const age = lastRenewed === undefined ? maximumAge : now - lastRenewed;
  const atOnce = whyAtOnce(node, now);
  if (atOnce !== undefined) return age < epochLength ? undefined : atOnce;
  const lead = leadOf({ maximumAge }, renewBefore);
  return age < lead / 4n ? undefined : whyInTime(node, now, lead);
}
