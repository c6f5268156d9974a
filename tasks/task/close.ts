import { action } from "../support/action.ts";
import { parseId } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { taskOutcome } from "./action.ts";
import { viewTask } from "../../src/facts/task.ts";
import { formatTime } from "../../src/amounts.ts";
import { openDemands } from "../../src/chain/resultDemands.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly task: string;
}

export default action(async (args: Arguments, context) => {
  const { protocol, history } = context;
  const task = await viewTask(context, parseId(args.task, "task"));
  const { taskId, now } = task;
  const id = taskId.toString();
  const demands = await openDemands(protocol, history, taskId);
  const goesOn = task.status === "Submitted";
  const late = demands.filter(({ answerBy }) => now > answerBy);
  if (goesOn && late.length === 0) {
    const [first] = demands;
    const problem = `No chunk of the result of task ${id} is overdue`;
    const remedy =
      first === undefined
        ? `Nothing is demanded: \`task demand ${id}\`.`
        : `Chunk ${first.chunk.toString()} can be shown until ${formatTime(first.answerBy)}: wait.`;
    throw new InputError(problem, remedy);
  }
  if (demands.length === 0) {
    throw new InputError(`No demand on task ${id} is open`, "There is nothing to close.");
  }
  // The first that is overdue ends the task, and then all bonds go back.
  const ordered = goesOn ? [...late, ...demands.filter((each) => !late.includes(each))] : demands;
  const steps = ordered.map(({ chunk, demander }, i) => ({
    title: `Close the demand for chunk ${chunk.toString()}`,
    terms: `${demander} gets the bond back${goesOn && i === 0 ? "; the task ends as Invalid" : ""}`,
    tx: () => protocol.resultDemands.close.populateTransaction(taskId, chunk),
  }));
  const sent = await transact(context, steps);
  return sentOutcome(sent, await taskOutcome(sent.after, taskId));
});
