import { taskAction } from "./action.ts";

export default taskAction("Take the task back", (taskId, { termsHash }, { protocol }) =>
  protocol.taskEscrow.cancel.populateTransaction(taskId, termsHash),
);
