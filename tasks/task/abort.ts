import { action } from "../support/action.ts";
import { parseId } from "../support/inputs.ts";
import { readStatement } from "./statement.ts";
import { describeEnd, sendForTask } from "./action.ts";
import { viewTask } from "../../src/facts/task.ts";

interface Arguments {
  readonly task: string;
  readonly result: string | undefined;
}

export default action(async ({ task, result }: Arguments, context) => {
  const taskId = parseId(task, "task");
  const { signature } = await readStatement(context, taskId, result, "task-abort");
  const tx = () => context.protocol.taskEscrow.abort.populateTransaction(taskId, signature);
  const terms = describeEnd(context, await viewTask(context, taskId), "Aborted");
  return sendForTask(context, taskId, { title: "Give the task up", terms, tx });
});
