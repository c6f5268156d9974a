import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import { latestOnly, readLatest } from "../support/list.ts";
import { stateOf, viewTask, type TaskView } from "./view.ts";
import { formatAmount } from "../../src/amounts.ts";
import { enums } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly requester: string | undefined;
  readonly node: string | undefined;
  readonly status: string | undefined;
}

function parseStatus(text: string): string {
  const statuses = enums.TaskStatus.slice(1);
  const status = statuses.find((name) => name.toLowerCase() === text.toLowerCase());
  if (status !== undefined) return status;
  throw new InputError(`A task has no status "${text}"`, `Give one of ${statuses.join(", ").toLowerCase()}.`);
}

/** Whether a task is among those that were asked for. */
async function parseFilter(args: Arguments, context: PlatformContext): Promise<(task: TaskView) => boolean> {
  const requester = args.requester === undefined ? undefined : await parseAccount(context, args.requester);
  const nodeId = args.node === undefined ? undefined : parseId(args.node, "node");
  const status = args.status === undefined ? undefined : parseStatus(args.status);
  return (task) =>
    (requester === undefined || task.requester === requester) &&
    (nodeId === undefined || task.nodeId === nodeId) &&
    (status === undefined || task.status === status);
}

export default action(async (args: Arguments, context) => {
  const isWanted = await parseFilter(args, context);
  const count = await context.protocol.taskEscrow.taskCount();
  const tasks = (await readLatest(count, (id) => viewTask(context, id))).filter(isWanted);
  const isEmpty = tasks.length === 0;
  const lines = tasks.map((task) => [
    task.taskId.toString(),
    task.nodeId.toString(),
    task.datasets.length.toString(),
    formatAmount(task.ownersFee + task.nodeFee + task.validatorFee, context.token.decimals),
    task.requester,
    `${task.status}: ${stateOf(task).words}`,
  ]);
  const limit = latestOnly(count);
  return {
    data: { count, ...limit.data, tasks },
    rows: [...limit.rows, ...(isEmpty ? [["Tasks", "none"] as const] : [])],
    table: isEmpty ? [] : [["Task", "Node", "Datasets", "Fees", "Requester", "Status"], ...lines],
    next: isEmpty ? "`task publish --help`." : `\`task show ${tasks.at(-1)?.taskId.toString() ?? ""}\`.`,
  };
});
