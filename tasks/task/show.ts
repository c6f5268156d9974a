import { action } from "../support/action.ts";
import { idOf } from "../support/inputs.ts";
import { taskOutcome } from "../support/taskAction.ts";

export default action(({ task }: { task: string }, context) => taskOutcome(context, idOf(task, "task")));
