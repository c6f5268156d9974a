import type { Protocol } from "../protocol.ts";

/** Until when verdicts on a result count, and what keeps it from counting as good. */
export interface JudgedTime {
  /** Unix seconds of the last second in which a verdict counts. */
  readonly until: bigint;
  /** Unix seconds until which a task without a verdict goes on: later than `until` where its node was suspended for long. */
  readonly over: bigint;
  /** Demands to see chunks of it that nobody has answered. */
  readonly openDemands: bigint;
}

/** Seconds for which a demand puts verdicts off at the most: its answer and an hour, as ResultDemands has them. */
const DEMAND_TIME = 86_400n + 3_600n;

/** What a result's verdicts wait for; all in seconds, `verdictBy` and `verdictsBy` of Unix time. */
interface Waits {
  readonly verdictBy: bigint;
  /** For how long its node has been suspended since the result. */
  readonly suspended: bigint;
  /** For how long of that verdicts wait at the most. */
  readonly revocationDelay: bigint;
  /** What demands put verdicts off to; 0 without any. */
  readonly verdictsBy: bigint;
}

/**
 * The last second in which a verdict counts, as TaskEscrow has it. A first demand may come at any time, but not even it lets a verdict count
 * later than those who left the validators' set still answer for theirs.
 */
export function judgedUntil({ verdictBy, suspended, revocationDelay, verdictsBy }: Waits): bigint {
  const waiting = verdictBy + (suspended < revocationDelay ? suspended : revocationDelay);
  const latest = verdictBy + revocationDelay + DEMAND_TIME;
  const demanded = verdictsBy < latest ? verdictsBy : latest;
  return waiting > demanded ? waiting : demanded;
}

/** The last second in which a task without a verdict goes on: it waits for all of its node's suspensions, and for demands. */
export function goesOnUntil({ verdictBy, suspended, verdictsBy }: Omit<Waits, "revocationDelay">): bigint {
  const waiting = verdictBy + suspended;
  return waiting > verdictsBy ? waiting : verdictsBy;
}

/** Of a task with a result, until when verdicts count: its node's suspensions put that off, by one revocation delay at most, and so do demands. */
export async function judgedTimeOf(
  { nodeRegistry, resultDemands }: Pick<Protocol, "nodeRegistry" | "resultDemands">,
  taskId: bigint,
  task: Record<"nodeId" | "acceptedAt" | "verdictBy", bigint> & { readonly demanded: boolean },
  at: { readonly blockTag: number },
): Promise<JudgedTime> {
  const [suspended, revocationDelay, { open, verdictsBy }] = await Promise.all([
    nodeRegistry.suspendedSeconds(task.nodeId, task.acceptedAt, at),
    nodeRegistry.revocationDelay(at),
    task.demanded ? resultDemands.standingOf(taskId, at) : { open: 0n, verdictsBy: 0n },
  ]);
  const waits = { verdictBy: task.verdictBy, suspended, revocationDelay, verdictsBy };
  return { until: judgedUntil(waits), over: goesOnUntil(waits), openDemands: open };
}
