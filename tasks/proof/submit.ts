import type { ContractTransaction, LogDescription } from "ethers";

import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { readDocument } from "../support/inputs.ts";
import { completerOn } from "../support/next.ts";
import { checkPlace } from "../support/place.ts";
import { sentOutcome, transact, type Sent, type Step } from "../support/transact.ts";
import { answerDocument, type AnswerDocument } from "../../src/documents/nodes.ts";
import { decodeError } from "../../src/errors.ts";
import { InputError } from "../../src/inputError.ts";

/** Answers in one transaction: nodes of the network pass on transactions of at most 128 kB, and an answer takes 1.4. */
const BATCH = 64;

/** What became of a node's answer. */
interface Result {
  readonly nodeId: bigint;
  /** At least so many hashes a second were shown; missing where that is not known. */
  readonly hashRate?: bigint;
  /** Why the answer was refused. */
  readonly refused?: { readonly name: string; readonly cause: string; readonly remedy: string };
}

function readAnswers(context: PlatformContext, files: readonly string[]): AnswerDocument[] {
  const answers = files.map((file) => {
    const document = readDocument(file, answerDocument, "an answer");
    const expected = context.book.contracts.challengeManager;
    checkPlace(context, document, { named: document.challengeManager, expected });
    return document;
  });
  const nodes = answers.map(({ nodeId }) => nodeId);
  const twice = nodes.find((nodeId, i) => nodes.indexOf(nodeId) !== i);
  if (twice === undefined) return answers;
  throw new InputError(`Node ${twice.toString()} has two answers`, "Give each node's newest answer alone.");
}

function proving({ protocol }: PlatformContext, answers: readonly AnswerDocument[]): Promise<ContractTransaction> {
  const { challengeManager } = protocol;
  const [first] = answers;
  if (first !== undefined && answers.length === 1) {
    return challengeManager.prove.populateTransaction(first.nodeId, first.nonces, first.signature);
  }
  const many = answers.map(({ nodeId, nonces, signature }) => ({ nodeId, nonces, signature }));
  return challengeManager.proveMany.populateTransaction(many);
}

/** One transaction for a single answer, else one for as many as fit. */
function stepsFor(context: PlatformContext, answers: readonly AnswerDocument[]): Step[] {
  const batches = Array.from({ length: Math.ceil(answers.length / BATCH) }, (_, i) =>
    answers.slice(i * BATCH, (i + 1) * BATCH),
  );
  return batches.map((batch) => {
    const title = batch.length === 1 ? "Prove the epoch" : `Prove the epoch for ${String(batch.length)} nodes`;
    return { title, tx: () => proving(context, batch) };
  });
}

/** What the chain says of a node's answer; nothing for a dry run. */
function resultOf(context: PlatformContext, nodeId: bigint, events: readonly LogDescription[]): Result {
  const event = events.find(
    ({ name, args }) => ["EpochProven", "AnswerRefused"].includes(name) && args.getValue("nodeId") === nodeId,
  );
  if (event === undefined) return { nodeId };
  if (event.name === "EpochProven") return { nodeId, hashRate: event.args.getValue("hashRate") as bigint };
  const { name, cause, remedy } = decodeError(event.args.getValue("reason") as string, context.token.decimals);
  return { nodeId, refused: { name, cause, remedy: completerOn(context)(remedy) } };
}

function resultsOf(context: PlatformContext, answers: readonly AnswerDocument[], sent: Sent): Result[] {
  const events = sent.events(context.protocol.challengeManager);
  return answers.map(({ nodeId }) => resultOf(context, nodeId, events));
}

function describe({ hashRate, refused }: Result): string {
  if (refused !== undefined) return `refused: ${refused.cause} ${refused.remedy}`;
  return hashRate === undefined ? "enough" : `at least ${hashRate.toString()} hashes a second`;
}

/** Exit code where some of many answers were refused: a contract refused. */
const REFUSED = 3;

export default action(async ({ answer: files }: { answer: readonly string[] }, context) => {
  const answers = readAnswers(context, files);
  const sent = await transact(context, stepsFor(context, answers));
  const results = resultsOf(context, answers, sent);
  const epoch = answers[0]?.epoch ?? 0n;
  const [only] = results;
  const isRefused = results.some(({ refused }) => refused !== undefined);
  return sentOutcome(sent, {
    data: results.length === 1 ? { ...only, epoch } : { epoch, answers: results },
    rows: [
      ["Epoch", epoch.toString()],
      ...results.map((result) => [`Node ${result.nodeId.toString()}`, describe(result)] as const),
    ],
    next: "when the epoch is over its seconds are payable: `order settle`.",
    ...(isRefused ? { exitCode: REFUSED } : {}),
  });
});
