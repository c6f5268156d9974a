import { action } from "../support/action.ts";
import { idOf } from "../support/inputs.ts";
import { taskOutcome } from "./action.ts";

export default action(({ task }: { task: string }, context) => taskOutcome(context, idOf(task, "task")));
