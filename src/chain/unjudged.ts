import { enumName } from "../enums.ts";
import type { Protocol } from "../protocol.ts";

/** A task with a result, as the chain has it. */
interface ResultOfNode {
  readonly nodeId: bigint;
  /** Unix seconds of the result. */
  readonly acceptedAt: bigint;
  readonly verdictBy: bigint;
  readonly vouchedAttestation: bigint;
}

type At = { readonly blockTag: number };

/** Ends of a node after which nobody knows any more whose key its enclave's is, if a quorum vouched for it. */
const DISCREDITED: ReadonlySet<string> = new Set(["Disproven", "Withheld"]);

/**
 * Whether a result on which nobody gave a verdict pays its node once it was shown, as TaskEscrow has it: not if it rests on a quote that is
 * discredited, nor if the node has been in doubt since before its time was over. What began later takes nothing from it.
 */
export async function isPaidUnjudged(
  { nodeRegistry }: Pick<Protocol, "nodeRegistry">,
  result: ResultOfNode,
  at: At,
): Promise<boolean> {
  const { nodeId, vouchedAttestation } = result;
  const { endReason, suspendedSince } = await nodeRegistry.standingOf(nodeId, at);
  const reason = enumName("EndReason", endReason);
  if (DISCREDITED.has(reason)) return vouchedAttestation === 0n;
  const began: bigint[] = suspendedSince === 0n ? [] : [suspendedSince];
  if (reason === "Revoked") {
    const [end, delay] = await Promise.all([nodeRegistry.endOf(nodeId, at), nodeRegistry.revocationDelay(at)]);
    began.push(end - delay);
  }
  for (const since of began) if (await beganInTime({ nodeRegistry }, result, since, at)) return false;
  return true;
}

/** Whether a suspension began before the time for verdicts, put off by earlier ones, was over. */
async function beganInTime(
  { nodeRegistry }: Pick<Protocol, "nodeRegistry">,
  { nodeId, acceptedAt, verdictBy }: ResultOfNode,
  since: bigint,
  at: At,
): Promise<boolean> {
  const [all, later, delay] = await Promise.all([
    nodeRegistry.suspendedSeconds(nodeId, acceptedAt, at),
    nodeRegistry.suspendedSeconds(nodeId, since, at),
    nodeRegistry.revocationDelay(at),
  ]);
  const earlier = all - later;
  return since <= verdictBy + (earlier < delay ? earlier : delay);
}
