import type { TaskView } from "./task.ts";
import type { EnumValue } from "../enums.ts";

/** What each party gets at an end, in token base units. */
export interface Payout {
  readonly end: EnumValue<"TaskStatus">;
  readonly owners: bigint;
  readonly node: bigint;
  readonly validators: bigint;
  readonly requester: bigint;
  /** Of the node's lock, to the treasury. */
  readonly treasury: bigint;
  /** Out of what owners and validators are paid. What nobody gets of the lock is released. */
  readonly from: "escrow" | "lock";
}

/** The ends that a task can still have, or the one that it had, with what each party gets. */
export function payoutsOf(task: TaskView): Payout[] {
  const { ownersFee: owners, nodeFee: node, validatorFee: validators, stakeLock } = task;
  const all = owners + node + validators;
  const nothing = { owners: 0n, node: 0n, validators: 0n, requester: 0n, treasury: 0n, from: "escrow" } as const;
  const inFault = { ...nothing, owners, requester: all, from: "lock" } as const;
  const payouts: readonly Payout[] = [
    { ...nothing, end: "Valid", owners, node, validators },
    { ...nothing, end: "Unjudged", owners, node, requester: validators },
    { ...inFault, end: "Invalid", validators, treasury: stakeLock - owners - validators },
    { ...inFault, end: "Late", treasury: stakeLock - owners },
    { ...nothing, end: "Aborted", owners, requester: node + validators },
    { ...nothing, end: "Cancelled", requester: all },
    { ...inFault, end: "Suspended" },
  ];
  const possible = POSSIBLE[task.status] ?? [task.status];
  return payouts.filter(({ end }) => possible.includes(end));
}

const AFTER_RESULT = ["Valid", "Unjudged", "Invalid", "Suspended"] as const;
const AFTER_ACCEPTANCE = [...AFTER_RESULT, "Late", "Aborted"] as const;

/** The ends that a task that is not over can have. */
const POSSIBLE: Partial<Record<string, readonly EnumValue<"TaskStatus">[]>> = {
  Published: [...AFTER_ACCEPTANCE, "Cancelled"],
  Accepted: AFTER_ACCEPTANCE,
  Submitted: AFTER_RESULT,
};
