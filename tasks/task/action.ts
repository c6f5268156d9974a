import { ZeroHash, type ContractTransaction } from "ethers";

import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { seeTask, type SeenTask } from "./seen.ts";
import { payoutsOf } from "../../src/facts/payouts.ts";
import { stateOf, timeLeft, viewTask, type TaskView } from "../../src/facts/task.ts";
import { sentOutcome, transact, type Step } from "../support/transact.ts";
import { formatAmount, formatDuration, formatTime } from "../../src/amounts.ts";

/** What is asked of a node's attestation, in words. */
const DEMANDED: Partial<Record<string, string>> = { Final: "final", OnChain: "the chain's own", Live: "live" };

const isOver = ({ status }: TaskView): boolean => !["Published", "Accepted", "Submitted"].includes(status);

function datasetsIn({ datasets }: TaskView, show: (amount: bigint) => string): [string, string][] {
  if (datasets.length === 0) return [["Datasets", "none"]];
  return datasets.map(({ datasetId, price, owner }) => [
    `Dataset ${datasetId.toString()}`,
    `${show(price)} to ${owner}`,
  ]);
}

function deadlinesIn(task: TaskView): [string, string][] {
  const { now, acceptedAt, leastDuration, resultHash } = task;
  const hasResult = BigInt(resultHash) !== 0n;
  const step = hasResult ? "Submitted" : "Accepted";
  const accepted: [string, string] =
    acceptedAt === 0n ? ["Accept before", timeLeft(task.acceptBy, now)] : [step, formatTime(acceptedAt)];
  if (isOver(task)) return [accepted];
  if (hasResult) return [accepted, ["Verdict by", timeLeft(task.verdictDue, now)]];
  const earliest: [string, string][] =
    leastDuration === 0n
      ? []
      : acceptedAt === 0n
        ? [["No result before", `${formatDuration(leastDuration)} after acceptance`]]
        : [["No result before", timeLeft(acceptedAt + leastDuration, now)]];
  const due: [string, string] = ["Result by", timeLeft(task.resultDue, now)];
  return [accepted, ...earliest, due, ["Verdict by", timeLeft(task.verdictDue, now)]];
}

/** How a task stands, for people and as a document. */
export async function taskOutcome(context: PlatformContext, taskId: bigint, next?: string): Promise<Outcome> {
  const { decimals, symbol } = context.token;
  const task = await viewTask(context, taskId);
  const state = stateOf(task);
  const payouts = payoutsOf(task);
  const show = (amount: bigint): string => `${formatAmount(amount, decimals)} ${symbol}`;
  const cell = (amount: bigint): string => (amount === 0n ? "-" : formatAmount(amount, decimals));
  return {
    data: { ...task, state: state.words, isOverdue: state.isOverdue, payouts },
    rows: [
      ["Task", `${taskId.toString()}, ${task.status}: ${state.words}`],
      ["Requester", task.requester],
      [
        "Node",
        `${task.nodeId.toString()} of ${task.provider}, whose attestation must be ${DEMANDED[task.demand] ?? task.demand}`,
      ],
      ...datasetsIn(task, show),
      ["Fees", `${show(task.nodeFee)} to the node, ${show(task.validatorFee)} to the signers of the verdict`],
      ["Stake behind it", show(task.stakeLock)],
      ["In escrow", show(task.escrowed)],
      ...deadlinesIn(task),
      ["Inputs' hash", task.inputHash],
      ["Terms' hash", task.termsHash],
      ["Result's hash", task.resultHash === ZeroHash ? "none" : task.resultHash],
    ],
    table: [
      ["End", "Owners", "Node", "Validators", "Requester", "Treasury", "Owners and validators paid from"],
      ...payouts.map((payout) => [
        payout.end,
        cell(payout.owners),
        cell(payout.node),
        cell(payout.validators),
        cell(payout.requester),
        cell(payout.treasury),
        payout.owners + payout.validators === 0n ? "-" : payout.from,
      ]),
    ],
    next: next ?? state.next,
  };
}

/** The arguments of a task's action that sends a transaction about one task. */
export interface Arguments {
  readonly task: string;
  readonly terms: string | undefined;
}

/** Who gets what when a task ends in a way, in words. */
export function describeEnd({ token }: PlatformContext, task: TaskView, end: string): string {
  const payout = payoutsOf(task).find((each) => each.end === end);
  if (payout === undefined) return "";
  const { owners, node, validators, requester, treasury } = payout;
  const shares = Object.entries({ owners, node, validators, requester, treasury }).filter(([, amount]) => amount > 0n);
  const told = shares.map(([who, amount]) => `${formatAmount(amount, token.decimals)} ${token.symbol} to the ${who}`);
  return told.length === 0 ? "nothing is paid" : told.join(", ");
}

/** Sends one transaction about a task and shows how the task stands then. */
export async function sendForTask(context: PlatformContext, taskId: bigint, step: Step): Promise<Outcome> {
  const sent = await transact(context, [step]);
  return sentOutcome(sent, await taskOutcome(sent.after, taskId));
}

/** A task's action that reads a task and sends one transaction that binds what was read. */
export function taskAction(
  title: string,
  call: (taskId: bigint, seen: SeenTask, context: PlatformContext) => Promise<ContractTransaction>,
) {
  return action(async ({ task, terms }: Arguments, context) => {
    const taskId = parseId(task, "task");
    const seen = await seeTask(context, taskId, terms);
    return sendForTask(context, taskId, { title, terms: seen.words, tx: () => call(taskId, seen, context) });
  });
}
