import { taskAction } from "./action.ts";

export default taskAction(async (taskId, { protocol }) =>
  Promise.resolve({ title: "Accept the task", tx: protocol.taskEscrow.accept.populateTransaction(taskId) }),
);
