import { keccak256 } from "ethers";

import { action } from "../support/action.ts";
import { word } from "../support/command.ts";
import { signerOf, type PlatformContext } from "../support/context.ts";
import { parseId, isFile, needed, readBytes, writeDocument } from "../support/inputs.ts";
import { openTransfer, type NodeGatewayArguments } from "../support/nodeGateway.ts";
import { fetchSealed, type Gateway } from "./fetched.ts";
import { fetchQuote } from "./fetchedQuote.ts";
import { checkVouched, resultQuote } from "./resultQuote.ts";
import { resultFileOf } from "./statement.ts";
import { stateOf, viewTask, type TaskView } from "./view.ts";
import { noVerdicts, readVerdicts, verdictsFileOf } from "./verdicts.ts";
import { formatTime } from "../../src/amounts.ts";
import type { Verdict } from "../../src/documents/tasks.ts";
import { domainOf } from "../../src/eip712/index.ts";
import { enumNumber } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";
import { plainJson } from "../../src/json.ts";
import { claimsOfVerdict, Journal, signerIn, signVerdictOnce } from "../../src/journal/index.ts";

interface Arguments extends NodeGatewayArguments {
  readonly task: string;
  readonly verdict: string;
  readonly result: string | undefined;
  readonly fetch: boolean;
  readonly send: boolean;
  readonly quote: string | undefined;
  readonly collateral: string | undefined;
  readonly out: string | undefined;
}

function parseVerdict(text: string): Verdict["verdict"] {
  if (text === "valid") return "Valid";
  if (text === "invalid") return "Invalid";
  throw new InputError(`"${text}" is not a verdict`, "Give valid or invalid.");
}

/** Refuses a task that waits for no verdict, and an account that can give none. */
async function checkAsked({ protocol }: PlatformContext, task: TaskView, validator: string): Promise<void> {
  const state = stateOf(task);
  if (task.status !== "Submitted" || state.isOverdue) {
    throw new InputError(`Task ${task.taskId.toString()} cannot be judged now: ${state.words}`, `Next: ${state.next}`);
  }
  if (await protocol.validatorSet.isActive(validator)) return;
  throw new InputError(`${validator} is not an active validator`, "Join first: `validator join`.");
}

/** Refuses the opposite of what a file says that the validator has signed: who signs both is slashed. */
function checkConsistent(known: readonly Verdict[], mine: Pick<Verdict, "validator" | "verdict">, file: string): void {
  const opposite = known.some(({ validator, verdict }) => validator === mine.validator && verdict !== mine.verdict);
  if (!opposite) return;
  const problem = `In "${file}" ${mine.validator} has already signed the opposite of ${mine.verdict.toLowerCase()} on this result`;
  throw new InputError(problem, "Stay with it: whoever signs both is slashed. Nothing was signed.");
}

/** The file of the sealed result: the one that was named, or the one that is fetched. */
async function resultOf(
  context: PlatformContext,
  { fetch, result }: Arguments,
  task: TaskView,
  gateway: Gateway | undefined,
): Promise<string> {
  if (!fetch || gateway === undefined) return needed(result, "result");
  const file = result ?? resultFileOf(task.taskId);
  await fetchSealed(gateway, context, task, { part: "result", file });
  return file;
}

/** What stands behind a verdict, after checking what can be checked for `valid`. */
async function groundsOf(
  context: PlatformContext,
  args: Arguments,
  task: TaskView,
  gateway: Gateway | undefined,
): Promise<string> {
  const file = await resultOf(context, args, task, gateway);
  const hash = keccak256(readBytes(file));
  if (hash !== task.resultHash) {
    const problem = `The hash of "${file}" is ${hash}, but the enclave signed ${task.resultHash}`;
    throw new InputError(problem, "Fetch the sealed result again; if it cannot be had, sign `invalid`.");
  }
  if (task.vouchedAttestation === 0n) return "the sealed result is there, and the chain itself verified the quote";
  const rests = await resultQuote(context, task);
  if (rests.disproven) {
    throw new InputError(`The quote ${rests.quoteHash} under the result was disproven`, "Sign `invalid`.");
  }
  const isAsked = args.fetch && args.quote === undefined && gateway !== undefined;
  const fetched = isAsked ? await fetchQuote(gateway, task) : undefined;
  const [quote, collateral] = [args.quote ?? fetched?.quote, args.collateral ?? fetched?.collateral];
  if (quote === undefined) {
    throw new InputError(
      `A quorum vouched for the quote under the result, ${rests.quoteHash}, but the chain has not verified it`,
      "Fetch the quote and its collateral with --fetch, or ask the node's operator for them, and give it with --quote to have it judged. Without it sign nothing: whoever signs `valid` on a false quote is slashed.",
    );
  }
  await checkVouched(context, { quote, collateral }, rests);
  return "the sealed result is there, and the judge says that what the quorum vouched for holds";
}

export default action(async (args: Arguments, context) => {
  const { chainId, book, options } = context;
  const verdict = parseVerdict(args.verdict);
  const task = await viewTask(context, parseId(args.task, "task"));
  const signer = await signerOf(context);
  const validator = signer.address;
  await checkAsked(context, task, validator);
  const { taskId, inputHash, resultHash, vouchedAttestation, verdictBy: deadline } = task;
  const domain = domainOf("TaskEscrow", chainId, book.contracts.taskEscrow);
  const verdictNumber = enumNumber("TaskStatus", verdict);
  const message = { taskId, inputHash, resultHash, vouchedAttestation, verdict: verdictNumber, deadline };
  const journal = new Journal();
  journal.check(signerIn(domain, validator), claimsOfVerdict(message));
  const usual = verdictsFileOf(taskId);
  const file = args.out ?? usual;
  const read = (name: string) => (isFile(name) ? readVerdicts(context, task, name) : noVerdicts(context, task));
  for (const name of new Set([file, usual])) checkConsistent(read(name).verdicts, { validator, verdict }, name);
  const gateway = args.fetch || args.send ? await openTransfer(args, context, task.nodeId) : undefined;
  const grounds = verdict === "Valid" ? await groundsOf(context, args, task, gateway) : "your own judgement";
  const document = read(file);
  const others = document.verdicts.filter((each) => each.validator !== validator);
  if (!options.dryRun) {
    const signature = await signVerdictOnce(journal, signer, domain, message);
    const mine = { validator, verdict, signature };
    writeDocument(file, { ...document, verdicts: [...others, mine] });
    const sent = plainJson({ ...document, verdicts: [mine] });
    if (args.send) await gateway?.client.sendDocument(`tasks/${taskId}`, "verdicts", sent);
  }
  const sentTo = args.send && !options.dryRun ? gateway?.origin : undefined;
  const count = others.length + 1;
  return {
    data: {
      ...{ dryRun: options.dryRun, file, taskId, resultHash, validator, verdict, grounds, deadline },
      ...{ verdicts: count, journal: journal.root, ...(sentTo === undefined ? {} : { gateway: sentTo }) },
    },
    rows: [
      ["Task", taskId.toString()],
      ["Result's hash", resultHash],
      ["Verdict", verdict],
      ["Rests on", grounds],
      ["Counts until", formatTime(deadline)],
      ["Journal", journal.root],
      [options.dryRun ? "Would sign into" : "Signed into", `${file} (${String(count)} in all)`],
      ...(sentTo === undefined ? [] : [["Sent to", sentTo] as const]),
    ],
    next: `when two thirds of the stake have signed, anyone runs ${sentTo === undefined ? "" : `\`@task fetch ${taskId.toString()} verdicts\` and `}\`task finalize ${taskId.toString()} --verdicts ${word(file)}\`.`,
  };
});
