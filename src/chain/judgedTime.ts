import type { Protocol } from "../protocol.ts";

/** Until when verdicts on a result count, and what keeps it from counting as good. */
export interface JudgedTime {
  /** Unix seconds of the last second in which a verdict counts. */
  readonly until: bigint;
  /** Demands to see chunks of it that nobody has answered. */
  readonly openDemands: bigint;
}

/** Of a task with a result, until when verdicts count: its node's suspensions put that off, by one revocation delay at most, and so do demands. */
export async function judgedTimeOf(
  { nodeRegistry, resultDemands }: Pick<Protocol, "nodeRegistry" | "resultDemands">,
  taskId: bigint,
  task: Record<"nodeId" | "acceptedAt" | "verdictBy", bigint> & { readonly demanded: boolean },
  at: { readonly blockTag: number },
): Promise<JudgedTime> {
  const [suspended, most, { open, verdictsBy }] = await Promise.all([
    nodeRegistry.suspendedSeconds(task.nodeId, task.acceptedAt, at),
    nodeRegistry.revocationDelay(at),
    task.demanded ? resultDemands.standingOf(taskId, at) : { open: 0n, verdictsBy: 0n },
  ]);
  const waiting = task.verdictBy + (suspended < most ? suspended : most);
  return { until: waiting > verdictsBy ? waiting : verdictsBy, openDemands: open };
}
