import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import { nowOf, type PlatformContext } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import { given, listPage, type PageArguments } from "../support/list.ts";
import { stateOf, viewTask } from "../../src/facts/task.ts";
import { formatAmount } from "../../src/amounts.ts";
import { enumName, enums } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments extends PageArguments {
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

/** Whether a task is among those that were asked for; nothing where all are. */
async function parseFilter(
  args: Arguments,
  context: PlatformContext,
): Promise<((id: bigint) => Promise<boolean>) | undefined> {
  const requester = args.requester === undefined ? undefined : await parseAccount(context, args.requester);
  const nodeId = args.node === undefined ? undefined : parseId(args.node, "node");
  const status = args.status === undefined ? undefined : parseStatus(args.status);
  if ([requester, nodeId, status].every((wish) => wish === undefined)) return undefined;
  return async (id) => {
    const task = await context.protocol.taskEscrow.getTask(id);
    return (
      (requester === undefined || task.requester === requester) &&
      (nodeId === undefined || task.nodeId === nodeId) &&
      (status === undefined || enumName("TaskStatus", task.status) === status)
    );
  };
}

export default action(async (args: Arguments, context) => {
  const { requester, node, status } = args;
  const isWanted = await parseFilter(args, context);
  const now = await nowOf(context);
  const { items, data, rows, more } = await listPage(
    { ...args, json: context.options.json },
    {
      noun: "task",
      command: `task list${given({ requester, node, status })}`,
      count: await context.protocol.taskEscrow.taskCount(),
      isWanted,
      view: async (id) => viewTask(context, id, now),
    },
  );
  const isEmpty = items.length === 0;
  const lines = items.map((task) => [
    task.taskId.toString(),
    task.nodeId.toString(),
    task.datasets.length.toString(),
    formatAmount(task.ownersFee + task.nodeFee + task.validatorFee, context.token.decimals),
    task.requester,
    `${task.status}: ${stateOf(task).words}`,
  ]);
  return {
    data: { ...data, tasks: items },
    rows: [...rows, ...(isEmpty ? [["Tasks", "none"] as const] : [])],
    table: isEmpty ? [] : [["Task", "Node", "Datasets", "Fees", "Requester", "Status"], ...lines],
    next: isEmpty ? "`task publish --help`." : `${more}\`task show ${items.at(-1)?.taskId.toString() ?? ""}\`.`,
  };
});
