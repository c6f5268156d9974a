import type { PlatformContext } from "../support/context.ts";
import { needed, readBytes } from "../support/inputs.ts";
import { fetchSealed, type Gateway } from "./fetched.ts";
import { fetchQuote, type QuoteFiles } from "./fetchedQuote.ts";
import { checkVouched, resultQuote, type ResultQuote } from "./resultQuote.ts";
import { resultFileOf } from "./statement.ts";
import { resultHashOf } from "../../src/data/chunks.ts";
import type { TaskView } from "../../src/facts/task.ts";
import { InputError } from "../../src/inputError.ts";

/** The options of what a validator has in hand, or has fetched. */
export interface Evidence {
  readonly result: string | undefined;
  readonly fetch: boolean;
  readonly quote: string | undefined;
  readonly collateral: string | undefined;
}

/** The file of the sealed result: the one that was named, or the one that is fetched. */
async function resultOf(
  context: PlatformContext,
  { fetch, result }: Evidence,
  task: TaskView,
  gateway: Gateway | undefined,
): Promise<string> {
  if (!fetch || gateway === undefined) return needed(result, "result");
  const file = result ?? resultFileOf(task.taskId);
  await fetchSealed(gateway, context, task, { part: "result", file });
  return file;
}

/** The files of the quote under the result: those that were named, or those that are fetched. */
async function quoteOf(
  { fetch, quote, collateral }: Evidence,
  task: TaskView,
  gateway: Gateway | undefined,
  { quoteHash }: ResultQuote,
): Promise<QuoteFiles> {
  if (quote !== undefined) return { quote, collateral };
  if (fetch && gateway !== undefined) {
    const fetched = await fetchQuote(gateway, task);
    return { ...fetched, collateral: collateral ?? fetched.collateral };
  }
  throw new InputError(
    `A quorum vouched for the quote under the result, ${quoteHash}, but the chain has not verified it`,
    "Fetch the quote and its collateral with --fetch, or ask the node's operator for them, and give it with --quote to have it judged. Without it sign nothing: whoever signs `valid` on a false quote is slashed.",
  );
}

/**
 * What stands behind a verdict, after checking what can be checked for `valid`.
 *
 * @param gateway The node's, where something is to be fetched.
 */
export async function groundsOf(
  context: PlatformContext,
  evidence: Evidence,
  task: TaskView,
  gateway: Gateway | undefined,
): Promise<string> {
  const file = await resultOf(context, evidence, task, gateway);
  const hash = resultHashOf(readBytes(file));
  if (hash !== task.resultHash) {
    const problem = `The hash of "${file}" is ${hash}, but the enclave signed ${task.resultHash}`;
    throw new InputError(
      problem,
      `Fetch the sealed result again. If it cannot be had, demand it on chain: \`task demand ${task.taskId.toString()}\`. What is not shown ends the task as Invalid.`,
    );
  }
  if (task.vouchedAttestation === 0n) return "the sealed result is there, and the chain itself verified the quote";
  const rests = await resultQuote(context, task);
  if (rests.disproven) {
    throw new InputError(`The quote ${rests.quoteHash} under the result was disproven`, "Sign `invalid`.");
  }
  await checkVouched(context, await quoteOf(evidence, task, gateway, rests), rests);
  return "the sealed result is there, and the judge says that what the quorum vouched for holds";
}
