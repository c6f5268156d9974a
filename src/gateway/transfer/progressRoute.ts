import { requirePart, requireTask } from "./rights.ts";
import { add, type TransferRooms } from "./routes.ts";
import type { TaskProgress } from "./taskProgress.ts";
import type { TaskRunner } from "./taskRunner.ts";
import type { Api } from "../http/api.ts";

const OPEN: ReadonlySet<string> = new Set(["Published", "Accepted"]);

/**
 * Adds what tells a task's requester how far the gateway is with it: what it waits for, or why it is not accepted.
 *
 * @param runner Undefined where the gateway accepts no tasks by itself.
 */
export function addProgressRoute(
  api: Api,
  rooms: TransferRooms,
  runner: Pick<TaskRunner, "progressOf"> | undefined,
): void {
  const { reader, place } = rooms;
  add(
    api,
    rooms,
    "tasks",
    ["get"],
    "progress",
    "How far the gateway is with the task: what it waits for, or why it does not accept it",
    async (context, taskId, account) => {
      const task = await requireTask(reader, taskId, place.node);
      await requirePart(reader, task, account);
      const progress = (): TaskProgress => {
        if (!OPEN.has(task.status)) return { stage: "over", reasons: [] };
        return (
          runner?.progressOf({ id: BigInt(taskId), inputHash: task.inputHash }) ?? { stage: "unattended", reasons: [] }
        );
      };
      return context.json({ status: task.status, ...progress() });
    },
  );
}
