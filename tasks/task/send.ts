import { keccak256 } from "ethers";

import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseId, readBytes } from "../support/inputs.ts";
import { openTransfer, sendFile, type NodeGatewayArguments } from "../support/nodeGateway.ts";
import { readVerdicts } from "./verdicts.ts";
import { viewTask, type TaskView } from "../../src/facts/task.ts";
import type { VerdictsDocument } from "../../src/documents/tasks.ts";
import { InputError } from "../../src/inputError.ts";
import { plainJson } from "../../src/json.ts";

interface Arguments extends NodeGatewayArguments {
  readonly task: string;
  readonly inputs: string | undefined;
  readonly verdicts: string | undefined;
}

type Opened = Awaited<ReturnType<typeof openTransfer>>;

/** Refuses a file that is not the one that the task names: the gateway would too, but only once it has all of it. */
function checkInputs({ taskId, inputHash }: TaskView, file: string): void {
  const hash = keccak256(readBytes(file));
  if (hash === inputHash) return;
  throw new InputError(
    `The hash of "${file}" is ${hash}, but task ${taskId.toString()} was published with ${inputHash}`,
    "Give the file that `task seal` or `task publish` wrote for it.",
  );
}

/**
 * Sends a task's sealed inputs to its node's gateway.
 *
 * @returns Whether anything was sent: the gateway may have had them.
 */
export async function sendInputs(
  gateway: Opened,
  context: PlatformContext,
  taskId: bigint,
  file: string,
): Promise<boolean> {
  const resource = `tasks/${taskId}` as const;
  return sendFile(gateway, context, { resource, part: "inputs", file, title: "Send the inputs" });
}

/** What was sent, for people and as a document. */
interface Sent {
  readonly data: Readonly<Record<string, unknown>>;
  readonly row: readonly [name: string, value: string];
}

async function inputsSent(gateway: Opened, context: PlatformContext, task: TaskView, file: string): Promise<Sent> {
  const isSent = await sendInputs(gateway, context, task.taskId, file);
  return {
    data: { inputHash: task.inputHash, sent: isSent },
    row: ["Inputs", isSent ? "sent" : "were there already"],
  };
}

async function verdictsSent({ client }: Opened, { taskId }: TaskView, document: VerdictsDocument): Promise<Sent> {
  await client.sendDocument(`tasks/${taskId}`, "verdicts", plainJson(document));
  const count = document.verdicts.length;
  return { data: { verdicts: count }, row: ["Verdicts", `${String(count)} sent`] };
}

export default action(async (args: Arguments, context) => {
  const { inputs, verdicts } = args;
  if (inputs === undefined && verdicts === undefined) {
    throw new InputError("There is nothing to send", "Give --inputs, --verdicts or both.");
  }
  const task = await viewTask(context, parseId(args.task, "task"));
  if (inputs !== undefined) checkInputs(task, inputs);
  const document = verdicts === undefined ? undefined : readVerdicts(context, task, verdicts);
  const gateway = await openTransfer(args, context, task.nodeId);
  const sent: Sent[] = [];
  if (inputs !== undefined) sent.push(await inputsSent(gateway, context, task, inputs));
  if (document !== undefined) sent.push(await verdictsSent(gateway, task, document));
  const place = { taskId: task.taskId, nodeId: task.nodeId, gateway: gateway.origin };
  return {
    data: Object.assign(place, ...sent.map(({ data }) => data)) as typeof place,
    rows: [
      ["Task", args.task],
      ["Node", `${task.nodeId.toString()}, by its gateway ${gateway.origin}`],
      ...sent.map(({ row }) => row),
    ],
    next: `\`task status ${args.task}\`.`,
  };
});
