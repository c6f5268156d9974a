import { action } from "../support/action.ts";
import { parseId } from "../support/inputs.ts";
import { readStatement } from "./statement.ts";
import { sendForTask } from "./action.ts";

interface Arguments {
  readonly task: string;
  readonly result: string | undefined;
}

export default action(async ({ task, result }: Arguments, context) => {
  const taskId = parseId(task, "task");
  const { signature } = await readStatement(context, taskId, result, "task-abort");
  const tx = () => context.protocol.taskEscrow.abort.populateTransaction(taskId, signature);
  return sendForTask(context, taskId, { title: "Give the task up", tx });
});
