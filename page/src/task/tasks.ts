import { newestEvent, readEvents } from "../../../src/chain/history.ts";
import { enumName } from "../../../src/enums.ts";
import { viewTask, type TaskView } from "../../../src/facts/task.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { chainNow } from "../chain/network.ts";
import { flowsOf, type Flow } from "./money.ts";
import { isOpen } from "./filter.ts";

/** A task in the list of all. */
export interface TaskRow {
  readonly taskId: bigint;
  readonly status: string;
  readonly requester: string;
  readonly nodeId: bigint;
  readonly datasets: bigint;
  /** Token base units for node and validators. */
  readonly fees: bigint;
  readonly stakeLock: bigint;
  /** Unix seconds of the deadline that counts now; undefined for a task that is over. */
  readonly due: bigint | undefined;
}

/** So many tasks are read together: about what one request takes. */
const TOGETHER = 200;

async function readRow({ protocol: { taskEscrow } }: ChainContext, taskId: bigint): Promise<TaskRow> {
  const task = await taskEscrow.getTask(taskId);
  const status = enumName("TaskStatus", task.status);
  const dues: Readonly<Record<string, bigint>> = {
    Published: task.acceptBy,
    Accepted: task.resultBy,
    Submitted: task.verdictBy,
  };
  return {
    ...{ taskId, status, requester: task.requester, nodeId: task.nodeId, stakeLock: task.stakeLock },
    datasets: task.datasetCount,
    fees: task.nodeFee + task.validatorFee,
    due: dues[status],
  };
}

/** Reads all tasks. */
export async function readTasks(chain: ChainContext): Promise<readonly TaskRow[]> {
  const count = Number(await chain.protocol.taskEscrow.taskCount());
  const rows: TaskRow[] = [];
  for (let from = 1; from <= count; from += TOGETHER) {
    const ids = Array.from({ length: Math.min(TOGETHER, count + 1 - from) }, (_, i) => BigInt(from + i));
    rows.push(...(await Promise.all(ids.map(async (id) => readRow(chain, id)))));
  }
  return rows;
}

/** A verdict's signers, with what each got of the validators' fee. */
export interface Signer {
  readonly signer: string;
  /** Token base units. */
  readonly amount: bigint;
}

/** Reads which way the money of a task went; nothing while it is not over. */
async function readFlows(chain: ChainContext, task: TaskView, signers: readonly Signer[]): Promise<readonly Flow[]> {
  const { taskId, requester, provider, status, nodeFee, stakeLock } = task;
  if (isOpen(status)) return [];
  const { taskEscrow } = chain.protocol;
  const { filters } = taskEscrow;
  const [accepted, ended, credited, compensated] = await Promise.all([
    readEvents(chain.history, taskEscrow, filters.TaskAccepted(taskId)),
    readEvents(chain.history, taskEscrow, filters.TaskEnded(taskId)),
    readEvents(chain.history, taskEscrow, filters.FeeCredited(taskId)),
    readEvents(chain.history, taskEscrow, filters.OwnerCompensated(taskId)),
  ]);
  return flowsOf({
    ...{ requester, provider, status, nodeFee, stakeLock, shares: signers },
    isAccepted: accepted.length > 0,
    refunded: [...accepted.map(({ args }) => args.refunded), ...ended.map(({ args }) => args.refunded)],
    credited: credited.map(({ args: { account, amount } }) => ({ account, amount })),
    compensated: compensated.map(({ args: { owner, amount } }) => ({ owner, amount })),
  });
}

/** Reads who signed the verdict on a task's result; nobody where there is none. */
async function readSigners(chain: ChainContext, taskId: bigint): Promise<readonly Signer[]> {
  const { taskEscrow } = chain.protocol;
  const verdicts = await readEvents(chain.history, taskEscrow, taskEscrow.filters.VerdictGiven(taskId));
  return verdicts.flatMap(({ args: { signers, shares } }) =>
    signers.map((signer, i) => ({ signer, amount: shares[i] ?? 0n })),
  );
}

/** Reads a task, where its inputs and its result are, who judged it, and which way its money went. */
export async function readTask(chain: ChainContext, taskId: bigint) {
  const { history } = chain;
  const { taskEscrow } = chain.protocol;
  const [task, signers, published, submitted] = await Promise.all([
    viewTask(chain, taskId, chainNow()),
    readSigners(chain, taskId),
    newestEvent(history, taskEscrow, taskEscrow.filters.TaskPublished(taskId)),
    newestEvent(history, taskEscrow, taskEscrow.filters.ResultSubmitted(taskId)),
  ]);
  const uris = { inputUri: published?.args.inputUri ?? "", resultUri: submitted?.args.resultUri ?? "" };
  return { task, signers, flows: await readFlows(chain, task, signers), ...uris };
}

/** A task as {@link readTask} gives it. */
export type TaskStory = Awaited<ReturnType<typeof readTask>>;
