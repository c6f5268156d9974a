import { formatEther } from "ethers";

import type { Step } from "./step.ts";
import { gasOf, type StepTrial } from "./trial.ts";
import { LOCAL_CHAIN_ID, type Context, type PlatformContext } from "../context.ts";
import { ask } from "../prompt.ts";
import { tell } from "../terminal.ts";
import { InputError } from "../../../src/inputError.ts";

/** What is asked before it is sent. */
export interface Question {
  readonly from: string;
  readonly steps: readonly Pick<Step, "title" | "terms">[];
  /** What trying each step has shown. */
  readonly trials: readonly StepTrial[];
  /** What a unit of gas is expected to cost, in wei. */
  readonly price: bigint;
}

function describeStep({ title, terms }: Pick<Step, "title" | "terms">, trial: StepTrial | undefined): string {
  const what = terms === undefined ? title : `${title}: ${terms}`;
  return trial?.tried === true ? what : `${what} (this node could not try it: it may yet be refused)`;
}

/** What is about to be sent, in words. */
export function describeQuestion({ network, chainId }: PlatformContext, question: Question): string[] {
  const { from, steps, trials, price } = question;
  const gas = gasOf(trials);
  const isWhole = steps.every((_, i) => trials[i]?.gas !== undefined);
  return [
    `Network: ${network}, chain ${chainId.toString()}`,
    `Account: ${from}`,
    ...steps.map((step, i) => `${String(i + 1)}. ${describeStep(step, trials[i])}`),
    `Cost: ${isWhole ? "about" : "at least"} ${formatEther(gas * price)} of the chain's coin for ${gas.toLocaleString("en")} gas`,
  ];
}

/**
 * Asks before anything is sent to a chain that is not a local one, unless `--yes` was given.
 *
 * @param lines What is about to be done, shown before the question.
 * @param question What is asked, such as "Send?".
 * @throws {InputError} When the answer is no, or nobody is there to answer.
 */
export async function agree(
  { options, chainId, network }: Pick<Context, "options" | "chainId" | "network">,
  lines: readonly string[],
  question: string,
): Promise<void> {
  if (options.yes || chainId === LOCAL_CHAIN_ID) return;
  if (!process.stdin.isTTY) {
    const problem = `Nothing was sent: "${network}" is not a local network, and nobody is at a terminal to be asked`;
    throw new InputError(problem, "Give --yes to send without being asked; see with --dry-run what that does.");
  }
  tell(...lines);
  const answer = await ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new InputError("Nothing was sent", "Answer y, or give --yes.");
}

/** As {@link agree}, about transactions of a task. */
export async function confirm(context: PlatformContext, question: Question): Promise<void> {
  await agree(context, describeQuestion(context, question), "Send?");
}
