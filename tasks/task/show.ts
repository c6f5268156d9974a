import { action } from "../support/action.ts";
import { parseId } from "../support/inputs.ts";
import { taskOutcome } from "./action.ts";

export default action(({ task }: { task: string }, context) => taskOutcome(context, parseId(task, "task")));
