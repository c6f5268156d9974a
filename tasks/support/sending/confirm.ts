import { formatEther } from "ethers";

import { LOCAL_CHAIN_ID, type PlatformContext } from "../context.ts";
import { ask } from "../prompt.ts";
import { tell } from "../terminal.ts";
import { InputError } from "../../../src/inputError.ts";

/** What is asked before it is sent. */
export interface Question {
  readonly from: string;
  /** What each transaction does, in words. */
  readonly steps: readonly string[];
  readonly gas: bigint;
  /** In wei. */
  readonly cost: bigint;
  /** Whether that is all, or some steps' gas is not known yet. */
  readonly isWhole: boolean;
}

/** What is about to be sent, in words. */
export function describeQuestion({ network, chainId }: PlatformContext, question: Question): string[] {
  const { from, steps, gas, cost, isWhole } = question;
  return [
    `Network: ${network}, chain ${chainId.toString()}`,
    `Account: ${from}`,
    ...steps.map((step, i) => `${String(i + 1)}. ${step}`),
    `Cost: ${isWhole ? "about" : "at least"} ${formatEther(cost)} of the chain's coin for ${gas.toLocaleString("en")} gas`,
  ];
}

/**
 * Asks before anything is sent to a chain that is not a local one, unless `--yes` was given.
 *
 * @throws {InputError} When the answer is no, or nobody is there to answer.
 */
export async function confirm(context: PlatformContext, question: Question): Promise<void> {
  const { options, chainId, network } = context;
  if (options.yes || chainId === LOCAL_CHAIN_ID) return;
  if (!process.stdin.isTTY) {
    const problem = `Nothing was sent: "${network}" is not a local network, and nobody is at a terminal to be asked`;
    throw new InputError(problem, "Give --yes to send without being asked; see with --dry-run what that does.");
  }
  tell(...describeQuestion(context, question));
  const answer = await ask("Send? [y/N] ");
  if (!/^y(es)?$/i.test(answer.trim())) throw new InputError("Nothing was sent", "Answer y, or give --yes.");
}
