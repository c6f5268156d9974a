import { action } from "../support/action.ts";
import { parseId } from "../support/inputs.ts";
import { readStatement } from "./statement.ts";
import { sendForTask } from "./action.ts";

interface Arguments {
  readonly task: string;
  readonly result: string | undefined;
  readonly uri: string;
}

export default action(async ({ task, result, uri }: Arguments, context) => {
  const taskId = parseId(task, "task");
  const { resultHash, signature } = await readStatement(context, taskId, result, "task-result");
  const tx = () => context.protocol.taskEscrow.submit.populateTransaction(taskId, resultHash, uri, signature);
  return sendForTask(context, taskId, { title: "Submit the result", tx });
});
