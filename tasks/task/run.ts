import { action } from "../support/action.ts";
import { word } from "../support/command.ts";
import { taskFilesIn, termsOf, withEnclave, type EnclaveArguments } from "./enclave.ts";
import type { PlatformContext } from "../support/context.ts";
import { checkAbsent, parseId, writeDocument } from "../support/inputs.ts";
import { runOne } from "../support/progress.ts";
import { proofNetworkOf } from "../support/proofNetwork.ts";
import { untilSigned, viewSourcesAt } from "../support/untilSigned.ts";
import { resultFileOf, statementFileOf } from "./statement.ts";
import { stateOf, viewTask, type TaskView } from "../../src/facts/task.ts";
import type { EnclaveClient } from "../../src/enclave/client.ts";
import { TaskEvidenceSource } from "../../src/enclave/taskEvidence.ts";
import { InputError } from "../../src/inputError.ts";
import type { TaskEvidence } from "../../src/view/forms.ts";

interface Arguments extends EnclaveArguments {
  readonly task: string;
  readonly out: string | undefined;
  readonly validators: string;
}

/** Refuses a task that the node has not accepted, or whose time is over: nobody pays for its result. */
function checkAccepted(task: TaskView): void {
  const state = stateOf(task);
  if (task.status === "Accepted" && !state.isOverdue) return;
  throw new InputError(`Task ${task.taskId.toString()} cannot be run now: ${state.words}`, `Next: ${state.next}`);
}

/** What shows the program that the task was accepted, as soon as validators have signed it; nothing where the program believes this command. */
async function shownTo(
  enclave: EnclaveClient,
  { provider, protocol }: PlatformContext,
  { taskId }: TaskView,
  urls: string,
): Promise<TaskEvidence | undefined> {
  const network = proofNetworkOf(provider);
  const validators = viewSourcesAt(urls);
  const source = new TaskEvidenceSource({ enclave, network, taskEscrow: protocol.taskEscrow, validators });
  return untilSigned(async () => source.of(taskId));
}

export default action(async (args: Arguments, context) => {
  const task = await viewTask(context, parseId(args.task, "task"));
  checkAccepted(task);
  const out = args.out ?? resultFileOf(task.taskId);
  const file = statementFileOf(out);
  // A second run seals another result, and only the one that was submitted counts.
  for (const name of [out, file]) checkAbsent(name, "Submit that one, or name another file with --out.");
  const terms = termsOf(context, task);
  const files = taskFilesIn(args, terms, task.enclaveKey);
  const { outcome, signature, ...said } = await runOne("Run the task in the enclave", context.options.json, () =>
    withEnclave(args, task, async (client) =>
      client.run(terms, files, out, await shownTo(client, context, task, args.validators)),
    ),
  );
  const { taskId, inputHash } = task;
  const place = { chainId: Number(context.chainId), escrow: terms.escrow };
  writeDocument(file, { kind: `task-${outcome}`, ...place, taskId, inputHash, ...said, signature });
  const verb = outcome === "result" ? "submit" : "abort";
  return {
    data: { taskId, outcome, ...said, files: { statement: file, ...(outcome === "result" ? { result: out } : {}) } },
    rows: [
      ["Task", taskId.toString()],
      ...("resultHash" in said
        ? ([
            ["Result", `${out}: only its requester can open it`],
            ["Result's hash", said.resultHash],
          ] as const)
        : ([["Given up", `${said.reason}: ${said.explanation}`]] as const)),
      ["The enclave's statement", file],
    ],
    next: `\`task ${verb} ${taskId.toString()} --result ${word(file)}\`.`,
  };
});
