import { taskAction } from "./action.ts";

export default taskAction("Accept the task", (taskId, { termsHash, enclaveKey }, { protocol }) =>
  protocol.taskEscrow.accept.populateTransaction(taskId, termsHash, enclaveKey),
);
