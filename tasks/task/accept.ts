import { taskAction } from "./action.ts";

export default taskAction("Accept the task", (taskId, termsHash, { protocol }) =>
  protocol.taskEscrow.accept.populateTransaction(taskId, termsHash),
);
