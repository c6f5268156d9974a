import { nowOf, type PlatformContext } from "../support/context.ts";
import { formatDuration, formatTime } from "../../src/amounts.ts";
import { enumName, type EnumValue } from "../../src/enums.ts";

/** A task as people want to see it. */
export async function viewTask(context: PlatformContext, taskId: bigint) {
  const { taskEscrow, dataGrants, nodeRegistry } = context.protocol;
  const [task, uses, escrowed, now] = await Promise.all([
    taskEscrow.getTask(taskId),
    taskEscrow.datasetsOf(taskId),
    taskEscrow.escrowOf(taskId),
    nowOf(context),
  ]);
  const [owners, { provider, enclaveKey, mrEnclave }] = await Promise.all([
    dataGrants.ownersOf(uses.map(({ datasetId }) => datasetId)),
    nodeRegistry.getNode(task.nodeId),
  ]);
  const datasets = uses.map(({ datasetId, price }, i) => ({ datasetId, price, owner: owners[i] ?? "" }));
  return {
    taskId,
    status: enumName("TaskStatus", task.status) as EnumValue<"TaskStatus">,
    requester: task.requester,
    nodeId: task.nodeId,
    provider,
    enclaveKey,
    mrEnclave,
    demand: enumName("AttestationDemand", task.demand),
    datasets,
    ownersFee: datasets.reduce((sum, { price }) => sum + price, 0n),
    nodeFee: task.nodeFee,
    validatorFee: task.validatorFee,
    stakeLock: task.stakeLock,
    escrowed,
    acceptBy: task.acceptBy,
    resultBy: task.resultBy,
    verdictBy: task.verdictBy,
    leastDuration: task.leastDuration,
    acceptedAt: task.acceptedAt,
    vouchedAttestation: task.vouchedAttestation,
    inputHash: task.inputHash,
    resultHash: task.resultHash,
    now,
  };
}

/** A task as {@link viewTask} gives it. */
export type TaskView = Awaited<ReturnType<typeof viewTask>>;

/** What a task waits for, in words, and who can do what next. */
export interface TaskState {
  readonly words: string;
  readonly next: string;
  /** Whether the deadline that counts now has passed, so that anyone can end the task. */
  readonly isOverdue: boolean;
}

/** The time that is left until a deadline, or how long ago it was. */
export function timeLeft(deadline: bigint, now: bigint): string {
  const past = now > deadline;
  const distance = formatDuration(past ? now - deadline : deadline - now);
  return `${formatTime(deadline)}, ${past ? `${distance} ago` : `${distance} left`}`;
}

const TAKE = "all that are paid take their money: `task withdraw`.";

/** How a task stands by the chain's time. */
export function stateOf(task: TaskView): TaskState {
  const { status, now } = task;
  const id = task.taskId.toString();
  const over = (words: string, next = TAKE): TaskState => ({ words, next, isOverdue: false });
  switch (status) {
    case "Published":
      return published(task, id);
    case "Accepted":
      if (now > task.resultBy) {
        return {
          words: `late: no result by ${formatTime(task.resultBy)}; anyone may \`task finalize\``,
          next: `anyone runs \`task finalize ${id}\`: the node's lock pays the owners, and the requester gets everything back.`,
          isOverdue: true,
        };
      }
      return {
        words: `the node works; its result is due by ${timeLeft(task.resultBy, now)}`,
        next: `the node's operator runs \`task run ${id}\`, then the provider \`task submit ${id}\` (or anyone \`task abort ${id}\`).`,
        isOverdue: false,
      };
    case "Submitted":
      if (now > task.verdictBy) {
        return {
          words: `unjudged: no verdict by ${formatTime(task.verdictBy)}; anyone may \`task finalize\``,
          next: `anyone runs \`task finalize ${id}\`: owners and node are paid, and the validators' fee goes back.`,
          isOverdue: true,
        };
      }
      return {
        words: `has a result; verdicts count until ${timeLeft(task.verdictBy, now)}`,
        next: `validators run \`task verdict ${id} valid --result FILE\`, then anyone \`task finalize ${id} --verdicts FILE\`.`,
        isOverdue: false,
      };
    case "Valid":
      return over(
        "a quorum of validators found the result good",
        `the requester opens it: \`task open ${id}\`; ${TAKE}`,
      );
    case "Unjudged":
      return over(
        "no quorum spoke in time, and what the contract checked itself stands",
        `the requester opens it: \`task open ${id}\`; ${TAKE}`,
      );
    case "Invalid":
      return over("a quorum of validators found the result bad");
    case "Late":
      return over("no result came in time");
    case "Aborted":
      return over("the enclave gave up");
    case "Cancelled":
      return over("it was never accepted");
    case "None":
      return over("not there", "`task list`.");
  }
}

function published(task: TaskView, id: string): TaskState {
  const { acceptBy, now } = task;
  if (now >= acceptBy) {
    return {
      words: `not accepted by ${formatTime(acceptBy)}; anyone may \`task cancel\``,
      next: `anyone runs \`task cancel ${id}\`: the requester gets everything back.`,
      isOverdue: true,
    };
  }
  return {
    words: `waits for the node, which can accept before ${timeLeft(acceptBy, now)}`,
    next: `the provider runs \`task check ${id}\` and \`task accept ${id}\`; the requester takes it back with \`task cancel ${id}\`.`,
    isOverdue: false,
  };
}

/** What each party gets at an end, in token base units. */
export interface Payout {
  readonly end: EnumValue<"TaskStatus">;
  readonly owners: bigint;
  readonly node: bigint;
  readonly validators: bigint;
  readonly requester: bigint;
  /** Of the node's lock, to the treasury. */
  readonly treasury: bigint;
  /** Out of what owners and validators are paid; the lock is released where that is the escrow. */
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
  ];
  const possible = POSSIBLE[task.status] ?? [task.status];
  return payouts.filter(({ end }) => possible.includes(end));
}

const AFTER_RESULT = ["Valid", "Unjudged", "Invalid"] as const;
const AFTER_ACCEPTANCE = [...AFTER_RESULT, "Late", "Aborted"] as const;

/** The ends that a task that is not over can have. */
const POSSIBLE: Partial<Record<string, readonly EnumValue<"TaskStatus">[]>> = {
  Published: [...AFTER_ACCEPTANCE, "Cancelled"],
  Accepted: AFTER_ACCEPTANCE,
  Submitted: AFTER_RESULT,
};
