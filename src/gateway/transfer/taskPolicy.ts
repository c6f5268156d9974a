import { z } from "zod";

import type { Reason } from "./taskProgress.ts";
import { formatAmount, formatDuration, formatTime } from "../../amounts.ts";
import { shippedPrograms } from "../../enclave/programs/catalogue.ts";
import { MAX_TAKEN_PROGRAMS } from "../../enclave/protocol.ts";
import { forms } from "../../forms.ts";
import type { Hex } from "../../sgx/bytes.ts";

const amount = z.string().regex(/^\d+(\.\d+)?$/, "not a decimal amount of tokens");

/** Which tasks the gateway accepts in its provider's name. */
export const taskPolicy = z.strictObject({
  /** The least fee of the node, in tokens. The provider says it: nothing here knows what the gas of a task is worth in tokens. */
  minNodeFee: amount,
  /** The most stake that a task may lock, in tokens. */
  maxStakeLock: amount.default("0"),
  /** Seconds that must be left for the result when a task is accepted. */
  minTime: z.number().int().positive().default(600),
  /** The most bytes of one task's files: encrypted datasets, their keys and the inputs. */
  maxBytes: z
    .number()
    .int()
    .positive()
    .default(128 * 2 ** 20),
  /** Seconds in an hour that the enclave checks tasks of one requester before they are accepted. */
  checkTime: z.number().int().positive().default(120),
  /**
   * Whose tasks are taken: programs by their hashes, `shipped` for the enclave's own, or `all`. A stranger's program may be made to run
   * longer than its task has time, which costs the provider the stake that the task locks.
   */
  programs: z
    .union([z.literal("all"), z.array(z.union([z.literal("shipped"), forms.hash])).max(MAX_TAKEN_PROGRAMS / 2)])
    .default(["shipped"]),
  /** URLs of validators' APIs, who show an enclave that believes the chain alone which tasks were accepted. */
  validators: z
    .array(z.url({ protocol: /^https?$/ }).refine((text) => !text.endsWith("/"), "ends with a slash"))
    .max(32)
    .default([]),
  /** Folder into which sealed results are handed over: the provider's service shows from there what is demanded of them. Left out, none are. */
  results: z.string().min(1).optional(),
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
  /** Bytes of one task's files. */
  readonly maxBytes: number;
  /** Seconds in an hour for the checks of one requester's tasks. */
  readonly checkTime: number;
  /** The hashes of the only programs that are taken; any where it is undefined. */
  readonly programs: readonly Hex[] | undefined;
  /** Of the token, in which amounts are told. */
  readonly decimals: number;
}

/** The hashes of the programs that a policy takes; undefined where it takes any. */
export function takenPrograms(programs: TaskPolicy["programs"]): readonly Hex[] | undefined {
  if (programs === "all") return undefined;
  return programs.flatMap((each) => (each === "shipped" ? shippedPrograms.map(({ hash }) => hash) : [each]));
}

/**
 * Why a task is not to be accepted now, in words that its requester is told; none where it is welcome.
 *
 * @param now Unix seconds of the chain.
 */
export function refusalsOf(
  task: PublishedTask,
  limits: Omit<TaskLimits, "maxBytes" | "checkTime" | "programs">,
  now: bigint,
): Reason[] {
  const show = (value: bigint): string => formatAmount(value, limits.decimals);
  const left = task.resultBy > now ? task.resultBy - now : 0n;
  const reasons: Reason[] = [];
  const refuse = (isRefused: boolean, subject: string, detail: string): void => {
    if (isRefused) reasons.push({ subject, detail });
  };
  const { minNodeFee, maxStakeLock, minTime } = limits;
  refuse(
    task.nodeFee < minNodeFee,
    "node fee",
    `it pays the node ${show(task.nodeFee)} tokens, and the provider takes tasks from ${show(minNodeFee)} on`,
  );
  refuse(
    task.stakeLock > maxStakeLock,
    "stake",
    `it locks ${show(task.stakeLock)} tokens of stake, and the provider lets a task lock ${show(maxStakeLock)} at most`,
  );
  refuse(now >= task.acceptBy, "acceptance", `it could be accepted before ${formatTime(task.acceptBy)} only`);
  refuse(
    left < minTime,
    "time",
    `its result is due by ${formatTime(task.resultBy)}, and the provider wants ${formatDuration(minTime)} for it at least`,
  );
  refuse(
    left < task.leastDuration,
    "time",
    `no result is taken within ${formatDuration(task.leastDuration)} of its acceptance, but it is due by ${formatTime(task.resultBy)}`,
  );
  return reasons;
}
