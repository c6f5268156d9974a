import { requirePart, requireTask } from "./rights.ts";
import { add, type TransferRooms } from "./routes.ts";
import type { Standing } from "./standings.ts";
import type { TaskRunner } from "./taskRunner.ts";
import type { Api } from "../http/api.ts";

const OPEN: ReadonlySet<string> = new Set(["Published", "Accepted"]);

/**
 * Adds what tells a task's requester how the gateway stands with it: what it waits for, or why it is not accepted.
 *
 * @param runner Undefined where the gateway accepts no tasks by itself.
 */
export function addStandingRoute(
  api: Api,
  rooms: TransferRooms,
  runner: Pick<TaskRunner, "standingOf"> | undefined,
): void {
  const { reader, place } = rooms;
  add(
    api,
    rooms,
    "tasks",
    ["get"],
    "standing",
    "How the gateway stands with the task: what it waits for, or why it does not accept it",
    async (context, taskId, account) => {
      const task = await requireTask(reader, taskId, place.node);
      await requirePart(reader, task, account);
      const standing = (): Standing => {
        if (!OPEN.has(task.status)) return { stage: "over", reasons: [] };
        return (
          runner?.standingOf({ id: BigInt(taskId), inputHash: task.inputHash }) ?? { stage: "unattended", reasons: [] }
        );
      };
      return context.json({ status: task.status, ...standing() });
    },
  );
}
