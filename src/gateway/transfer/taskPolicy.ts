import { z } from "zod";

const amount = z.string().regex(/^\d+(\.\d+)?$/, "not a decimal amount of tokens");

/** Which tasks the gateway accepts in its provider's name. */
export const taskPolicy = z.strictObject({
  /** The least fee of the node, in tokens. */
  minNodeFee: amount.default("0"),
  /** The most stake that a task may lock, in tokens. */
  maxStakeLock: amount.default("0"),
  /** Seconds that must be left for the result when a task is accepted. */
  minTime: z.number().int().positive().default(600),
});

/** Which tasks the gateway accepts in its provider's name. */
export type TaskPolicy = z.infer<typeof taskPolicy>;

/** What of a published task a policy looks at: base units, and Unix seconds. */
export interface PublishedTask {
  readonly nodeFee: bigint;
  readonly stakeLock: bigint;
  readonly acceptBy: bigint;
  readonly resultBy: bigint;
  /** Seconds that the requester leaves at least between acceptance and result. */
  readonly leastDuration: bigint;
}

/** A policy in base units. */
export interface TaskLimits {
  readonly minNodeFee: bigint;
  readonly maxStakeLock: bigint;
  readonly minTime: bigint;
}

/** Whether a task is to be accepted now, in Unix seconds of the chain. */
export function isWelcome(task: PublishedTask, limits: TaskLimits, now: bigint): boolean {
  if (task.nodeFee < limits.minNodeFee || task.stakeLock > limits.maxStakeLock || now >= task.acceptBy) return false;
  const left = task.resultBy - now;
  return left >= limits.minTime && left >= task.leastDuration;
}
