import { action } from "../support/action.ts";
import { parseId } from "../support/inputs.ts";
import { openTransfer, type NodeGatewayArguments } from "../support/nodeGateway.ts";
import { viewTask } from "../../src/facts/task.ts";

interface Arguments extends NodeGatewayArguments {
  readonly task: string;
}

/** What the stages mean that gateways tell of. */
const STAGES: Readonly<Record<string, string>> = {
  unattended: "the gateway accepts no tasks by itself; its provider may, by hand",
  unseen: "the gateway has not looked at it yet",
  refused: "the gateway does not accept it",
  waiting: "the gateway waits for something",
  queued: "it comes after another task",
  accepting: "the gateway accepts it now",
  running: "the enclave works on it",
  delivering: "the enclave has done it, and the gateway brings that to the chain",
  over: "there is nothing left for the gateway to do",
};

export default action(async (args: Arguments, context) => {
  const { taskId, nodeId } = await viewTask(context, parseId(args.task, "task"));
  const { client, origin } = await openTransfer(args, context, nodeId);
  const { status, stage, reasons } = await client.progress(taskId);
  const words = Object.hasOwn(STAGES, stage) ? (STAGES[stage] ?? stage) : stage;
  return {
    data: { taskId, nodeId, gateway: origin, status, stage, reasons },
    rows: [
      ["Task", `${args.task}, ${status}`],
      ["Node", `${nodeId.toString()}, by its gateway ${origin}`],
      ["Stage", words],
      ...reasons.map(({ subject, detail }) => [`On its ${subject}`, detail] as const),
    ],
    next: `\`task show ${args.task}\`.`,
  };
});
