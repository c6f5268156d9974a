import type { Provider } from "ethers";

import { formatDuration, formatTime } from "../amounts.ts";
import { goesOnUntil, judgedUntil } from "../chain/judgedTime.ts";
import { nowOf } from "../chain/now.ts";
import { readTask } from "../chain/taskTerms.ts";
import { INTEL_PCS } from "../collateral/pcs.ts";
import { enumName, type EnumValue } from "../enums.ts";
import type { Protocol } from "../protocol.ts";
import { taskTermsHash } from "../terms.ts";

/** Ends of a node whose quorum's word proved false, or which did not show what it rests on. */
const DISCREDITING: ReadonlySet<string> = new Set(["Disproven", "Withheld"]);

/** A chain with the platform on it. */
interface Chain {
  readonly protocol: Protocol;
  readonly provider: Provider;
}

/**
 * A task as people want to see it.
 *
 * @param time Unix seconds of the chain's clock, where they are known already.
 */
export async function viewTask(context: Chain, taskId: bigint, time?: bigint) {
  const { taskEscrow, nodeRegistry } = context.protocol;
  const [{ task, datasets, dealHash, inputHash }, escrowed, now] = await Promise.all([
    readTask(context.protocol, taskId),
    taskEscrow.escrowOf(taskId),
    time ?? nowOf(context),
  ]);
  const status = enumName("TaskStatus", task.status) as EnumValue<"TaskStatus">;
  const [{ provider, enclaveKey, mrEnclave, endReason }, revocationDelay, putOff, demands] = await Promise.all([
    nodeRegistry.getNode(task.nodeId),
    nodeRegistry.revocationDelay(),
    task.acceptedAt === 0n ? 0n : nodeRegistry.suspendedSeconds(task.nodeId, task.acceptedAt),
    task.demanded ? context.protocol.resultDemands.standingOf(taskId) : { open: 0n, verdictsBy: 0n },
  ]);
  const { verdictsBy } = demands;
  const waits = { verdictBy: task.verdictBy, suspended: putOff, revocationDelay, verdictsBy };
  return {
    taskId,
    status,
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
    // Both wait while the node is suspended, and the second for chunks of the result that are demanded.
    resultDue: task.resultBy + putOff,
    verdictDue: judgedUntil(waits),
    verdictOver: goesOnUntil(waits),
    /** Whether anything of its result was ever demanded: without a verdict, only what is shown pays the node. */
    isDemanded: task.demanded,
    /** Whether it rests on a quote that a quorum vouched for and that was disproven, or not shown. */
    isDiscredited: task.vouchedAttestation !== 0n && DISCREDITING.has(enumName("EndReason", endReason)),
    /** Demands to see chunks of the result that nobody has answered. */
    openDemands: demands.open,
    inDoubt: await isInDoubt(context, task, status === "Submitted"),
    leastDuration: task.leastDuration,
    acceptedAt: task.acceptedAt,
    /** Number of the block that published it: stake that came later does not judge it. */
    publishedIn: task.publishedIn,
    vouchedAttestation: task.vouchedAttestation,
    inputHash,
    resultHash: task.resultHash,
    /** Names it in transactions until it is accepted. */
    termsHash: taskTermsHash(task.fixedTermsHash, task.verdictBy, datasets),
    /** Name it in what is signed about it, from the publication on. */
    ...{ dealHash, fixedTermsHash: task.fixedTermsHash },
    now,
  };
}

/** Whether the node's suspension, or its end as revoked, decides how a task ends: it began before the time ran out. */
async function isInDoubt(
  { protocol: { nodeRegistry } }: Chain,
  { nodeId, acceptedAt, resultBy, verdictBy }: Record<"nodeId" | "acceptedAt" | "resultBy" | "verdictBy", bigint>,
  hasResult: boolean,
): Promise<boolean> {
  const [{ since }, { endReason, endedAt }, delay] = await Promise.all([
    nodeRegistry.suspensionOf(nodeId),
    nodeRegistry.getNode(nodeId),
    nodeRegistry.revocationDelay(),
  ]);
  const beginnings = since === 0n ? [] : [since];
  if (enumName("EndReason", endReason) === "Revoked") beginnings.push(endedAt - delay);
  for (const began of beginnings) {
    const all = await nodeRegistry.suspendedSeconds(nodeId, acceptedAt);
    const earlier = all - (await nodeRegistry.suspendedSeconds(nodeId, began));
    if (began <= (hasResult ? verdictBy + (earlier < delay ? earlier : delay) : resultBy + earlier)) return true;
  }
  return false;
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

const take = ({ requester, provider }: TaskView): string =>
  `everyone who was paid takes the money, such as \`task withdraw --account ${requester}\` and \`task withdraw --account ${provider}\`.`;

const open = (task: TaskView): string =>
  `the requester opens it: \`task open ${task.taskId.toString()}\`; ${take(task)}`;

/** A task that is over, by its status. */
const OVER: Partial<
  Record<EnumValue<"TaskStatus">, { readonly words: string; readonly next: (task: TaskView) => string }>
> = {
  Valid: { words: "a quorum of validators found the result good", next: open },
  Unjudged: { words: "no quorum gave a verdict in time; the result was shown when it was demanded", next: open },
  Invalid: { words: "the result was found bad, or was not shown when it was demanded", next: take },
  Late: { words: "no result came in time", next: take },
  Aborted: { words: "the enclave gave up", next: take },
  Cancelled: { words: "it was never accepted", next: take },
  Suspended: { words: "its time ran out while its node was suspended", next: take },
};

/** How a task stands by the chain's time. */
export function stateOf(task: TaskView): TaskState {
  const id = task.taskId.toString();
  switch (task.status) {
    case "Published":
      return published(task, id);
    case "Accepted":
      return accepted(task, id);
    case "Submitted":
      return submitted(task, id);
    default: {
      const { words, next } = OVER[task.status] ?? { words: "does not exist", next: () => "`task list`." };
      return { words, next: next(task), isOverdue: false };
    }
  }
}

function published({ acceptBy, now, provider, requester }: TaskView, id: string): TaskState {
  if (now >= acceptBy) {
    return {
      words: `not accepted by ${formatTime(acceptBy)}; anyone can run \`task cancel\``,
      next: `anyone runs \`task cancel ${id}\`: the requester gets everything back.`,
      isOverdue: true,
    };
  }
  return {
    words: `waits for the node, which can accept before ${timeLeft(acceptBy, now)}`,
    next: `the provider runs \`task check ${id} --help\` and \`task accept ${id} --account ${provider}\`; the requester takes it back with \`task cancel ${id} --account ${requester}\`.`,
    isOverdue: false,
  };
}

/** A task of a node that Intel has revoked, which it may take back. */
function inDoubt(due: bigint, now: bigint, { nodeId }: TaskView, id: string): TaskState {
  if (now > due) {
    return {
      words: "its node is suspended, and its time is over; anyone can run `task finalize`",
      next: `anyone runs \`task finalize ${id}\`: the node's lock pays the owners, and the requester gets everything back.`,
      isOverdue: true,
    };
  }
  return {
    words: "its node is suspended, so its enclave's word does not count; the deadlines wait",
    next: `anyone runs \`node recheck ${nodeId.toString()} --collateral ${INTEL_PCS}\` with Intel's newest documents.`,
    isOverdue: false,
  };
}

function accepted(task: TaskView, id: string): TaskState {
  const { resultDue, now } = task;
  if (task.inDoubt) return inDoubt(resultDue, now, task, id);
  if (now > resultDue) {
    return {
      words: `late: no result by ${formatTime(resultDue)}; anyone can run \`task finalize\``,
      next: `anyone runs \`task finalize ${id}\`: the node's lock pays the owners, and the requester gets everything back.`,
      isOverdue: true,
    };
  }
  return {
    words: `the node works; its result is due by ${timeLeft(resultDue, now)}`,
    next: `the node's operator runs \`task run ${id} --help\`, then the provider \`task submit ${id} --account ${task.provider}\` (or anyone \`task abort ${id}\`).`,
    isOverdue: false,
  };
}

/** A task of whose result chunks are demanded. */
function demanded({ openDemands, verdictOver, now }: TaskView, id: string): TaskState {
  const isOverdue = now > verdictOver;
  return {
    words: isOverdue
      ? "a chunk of its result was demanded and not shown in time; anyone can run `task finalize`"
      : `chunks of its result are demanded (${openDemands.toString()}), and it does not count as good before they are shown`,
    next: isOverdue
      ? `anyone runs \`task finalize ${id}\`: the node's lock pays the owners, and the requester gets everything back.`
      : `whoever has the result runs \`task answer ${id}\`; where it is too late, anyone \`task close ${id}\`.`,
    isOverdue,
  };
}

/** A task whose result rests on a quote that nobody can believe. */
const discredited = (id: string): TaskState => ({
  words:
    "its node's quote was disproven or not shown, so its result stands for nothing; anyone can run `task finalize`",
  next: `anyone runs \`task finalize ${id}\`: the node's lock pays the owners, and the requester gets everything back.`,
  isOverdue: true,
});

/** A task on whose result nobody has said or asked anything. */
function unasked({ provider }: TaskView, id: string): TaskState {
  return {
    words: "nobody has judged its result or demanded it, and silence alone does not pay the node",
    next: `the provider demands a chunk and shows it, \`task demand ${id} --account ${provider}\` and \`task answer ${id}\`; if anyone demands one that is not shown within a day, \`task close ${id}\` gives the requester everything back.`,
    isOverdue: false,
  };
}

function submitted(task: TaskView, id: string): TaskState {
  const { verdictDue, verdictOver, now } = task;
  if (task.openDemands > 0n) return demanded(task, id);
  if (task.inDoubt) return inDoubt(verdictOver, now, task, id);
  if (now > verdictOver && task.isDiscredited) return discredited(id);
  if (now > verdictDue && !task.isDemanded) return unasked(task, id);
  if (now > verdictDue) {
    return {
      words: `unjudged: no verdict by ${formatTime(verdictDue)}; anyone can run \`task finalize\``,
      next: `anyone runs \`task finalize ${id}\`: owners and node are paid, and the validators' fee goes back.`,
      // Ending it waits for all the time that the node was suspended.
      isOverdue: now > verdictOver,
    };
  }
  return {
    words: `has a result; verdicts count until ${timeLeft(verdictDue, now)}`,
    next: `validators run \`task verdict ${id} valid --help\`, then anyone \`task finalize ${id} --verdicts task-${id}.verdicts.json\`.`,
    isOverdue: false,
  };
}
