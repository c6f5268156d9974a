import { taskAction } from "./action.ts";

export default taskAction(async (taskId, { protocol }) =>
  Promise.resolve({ title: "Take the task back", tx: protocol.taskEscrow.cancel.populateTransaction(taskId) }),
);
