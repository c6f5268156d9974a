import { action } from "../support/action.ts";
import { word } from "../support/command.ts";
import type { PlatformContext } from "../support/context.ts";
import { seatSigner, type SeatArguments } from "../support/seatSigner.ts";
import { parseId, isFile, writeDocument } from "../support/inputs.ts";
import { openTransfer, type NodeGatewayArguments } from "../support/nodeGateway.ts";
import type { Gateway } from "./fetched.ts";
import { groundsOf, type Evidence } from "./grounds.ts";
import { tell } from "../support/terminal.ts";
import { stateOf, viewTask, type TaskView } from "../../src/facts/task.ts";
import { noVerdicts, readVerdicts, verdictsFileOf } from "./verdicts.ts";
import { formatTime } from "../../src/amounts.ts";
import type { Verdict, VerdictsDocument } from "../../src/documents/tasks.ts";
import { domainOf } from "../../src/eip712/index.ts";
import { enumNumber } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";
import { plainJson } from "../../src/json.ts";
import { claimsOfVerdict, Journal, signerIn, signVerdictOnce } from "../../src/journal/index.ts";

interface Arguments extends NodeGatewayArguments, SeatArguments, Evidence {
  readonly task: string;
  readonly verdict: string;
  readonly send: boolean;
  readonly out: string | undefined;
}

function parseVerdict(text: string): Verdict["verdict"] {
  if (text === "valid") return "Valid";
  if (text === "invalid") return "Invalid";
  throw new InputError(`"${text}" is not a verdict`, "Give valid or invalid.");
}

/** Refuses a task that waits for no verdict. */
function checkAsked(task: TaskView): void {
  const state = stateOf(task);
  if (task.status !== "Submitted" || task.now > task.verdictDue) {
    throw new InputError(`Task ${task.taskId.toString()} cannot be judged now: ${state.words}`, `Next: ${state.next}`);
  }
}

/** Refuses the opposite of what a file says that the validator has signed: who signs both is slashed. */
function checkConsistent(known: readonly Verdict[], mine: Pick<Verdict, "validator" | "verdict">, file: string): void {
  const opposite = known.some(({ validator, verdict }) => validator === mine.validator && verdict !== mine.verdict);
  if (!opposite) return;
  const problem = `In "${file}" ${mine.validator} has already signed the opposite of ${mine.verdict.toLowerCase()} on this result`;
  throw new InputError(problem, "Stay with it: whoever signs both is slashed. Nothing was signed.");
}

/** The gateway that is asked for the evidence or told the verdict; none where that was not asked for. */
async function askedGateway(
  args: Arguments,
  context: PlatformContext,
  { nodeId }: TaskView,
): Promise<Gateway | undefined> {
  return args.fetch || args.send ? openTransfer(args, context, nodeId) : undefined;
}

/** Who is told the verdict. */
function receiverIn({ send }: Arguments, isDry: boolean, gateway: Gateway | undefined): Gateway | undefined {
  return send && !isDry ? gateway : undefined;
}

/** What comes next for a verdict that is in a file. */
function nextOf(taskId: bigint, file: string, isSent: boolean): string {
  const fetching = isSent ? `\`@task fetch ${taskId.toString()} verdicts\` and ` : "";
  const ending = `\`task finalize ${taskId.toString()} --verdicts ${word(file)}\``;
  return `when two thirds of the stake have signed, anyone runs ${fetching}${ending}.`;
}

/** Sends a validator's own verdict, which is signed and kept already; where that fails, says how it is sent later. */
async function handOver(
  { client }: Gateway,
  { taskId }: TaskView,
  document: VerdictsDocument,
  file: string,
): Promise<void> {
  try {
    await client.sendDocument(`tasks/${taskId}`, "verdicts", plainJson(document));
  } catch (error) {
    const id = taskId.toString();
    tell(`The verdict is signed, but the gateway does not have it: run \`task send ${id} --verdicts ${file}\`.`);
    throw error;
  }
}

export default action(async (args: Arguments, context) => {
  const { chainId, book, options } = context;
  const verdict = parseVerdict(args.verdict);
  const task = await viewTask(context, parseId(args.task, "task"));
  checkAsked(task);
  const signer = await seatSigner(args, context);
  const validator = signer.address;
  const { taskId, fixedTermsHash: termsHash, resultHash, vouchedAttestation, verdictBy: deadline } = task;
  const domain = domainOf("TaskEscrow", chainId, book.contracts.taskEscrow);
  const verdictNumber = enumNumber("TaskStatus", verdict);
  const message = { taskId, termsHash, resultHash, vouchedAttestation, verdict: verdictNumber, deadline };
  const journal = new Journal();
  journal.check(signerIn(domain, validator), claimsOfVerdict(message));
  const usual = verdictsFileOf(taskId);
  const file = args.out ?? usual;
  const read = (name: string) => (isFile(name) ? readVerdicts(context, task, name) : noVerdicts(context, task));
  for (const name of new Set([file, usual])) checkConsistent(read(name).verdicts, { validator, verdict }, name);
  const gateway = await askedGateway(args, context, task);
  const grounds = verdict === "Valid" ? await groundsOf(context, args, task, gateway) : "your own judgement";
  const document = read(file);
  const others = document.verdicts.filter((each) => each.validator !== validator);
  const receiver = receiverIn(args, options.dryRun, gateway);
  if (!options.dryRun) {
    const signature = await signVerdictOnce(journal, signer, domain, message);
    const mine = { validator, verdict, signature };
    writeDocument(file, { ...document, verdicts: [...others, mine] });
    if (receiver !== undefined) await handOver(receiver, task, { ...document, verdicts: [mine] }, file);
  }
  const count = others.length + 1;
  return {
    data: {
      ...{ dryRun: options.dryRun, file, taskId, resultHash, validator, verdict, grounds, deadline },
      ...{ verdicts: count, journal: journal.root, ...(receiver && { gateway: receiver.origin }) },
    },
    rows: [
      ["Task", taskId.toString()],
      ["Result's hash", resultHash],
      ["Verdict", verdict],
      ["Rests on", grounds],
      ["Counts until", formatTime(deadline)],
      ["Journal", journal.root],
      [options.dryRun ? "Would sign into" : "Signed into", `${file} (${String(count)} in all)`],
      ...(receiver === undefined ? [] : [["Sent to", receiver.origin] as const]),
    ],
    next: nextOf(taskId, file, receiver !== undefined),
  };
});
