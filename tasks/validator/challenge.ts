import { setTimeout as sleep } from "node:timers/promises";

import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { runWork } from "../support/progress.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatTime, parseDuration } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";

const POLL_MILLISECONDS = 300;

/** A block among the last three that would win now. */
async function winningBlock({ protocol, provider }: PlatformContext): Promise<number | undefined> {
  const latest = await provider.getBlockNumber();
  for (const number of [latest, latest - 1, latest - 2].filter((each) => each > 0)) {
    if (await protocol.challengeManager.canIssue(number)) return number;
  }
  return undefined;
}

/** Waits for a block that wins; the latest block when it need not or cannot wait, so that the contract says why. */
async function waitForBlock(context: PlatformContext, seconds: bigint): Promise<number> {
  const { protocol, provider, options } = context;
  const { challengeManager } = protocol;
  const epoch = await challengeManager.currentEpoch();
  const until = Date.now() + Number(seconds) * 1000;
  let found = await winningBlock(context);
  if (found !== undefined || options.dryRun || (await challengeManager.isChallenged(epoch))) {
    return found ?? provider.getBlockNumber();
  }
  const run = async (): Promise<void> => {
    while (found === undefined && Date.now() < until) {
      await sleep(POLL_MILLISECONDS);
      found = await winningBlock(context);
    }
  };
  await runWork([{ title: "Wait for a block that wins the lottery", run }], options.json);
  if (found !== undefined) return found;
  throw new InputError("No block has won the lottery in time", "Give --wait more time; near the cut-off every block wins.");
}

export default action(async ({ wait }: { wait: string }, context) => {
  const { challengeManager } = context.protocol;
  const block = await waitForBlock(context, parseDuration(wait));
  const sent = await transact(context, [{ title: "Issue the challenge", tx: challengeManager.issue.populateTransaction(block) }]);
  const issued = sent.events(challengeManager.interface).find((event) => event.name === "ChallengeIssued")?.args;
  const epoch = (issued?.getValue("epoch") as bigint | undefined) ?? (await challengeManager.currentEpoch());
  const answerBy = issued?.getValue("answerBy") as bigint | undefined;
  const rewarded = issued?.getValue("rewarded") as boolean | undefined;
  return sentOutcome(sent, {
    data: issued === undefined ? { epoch, block } : { epoch, block, answerBy, rewarded },
    rows: [
      ["Epoch", epoch.toString()],
      ["Block", String(block)],
      ["Answers until", answerBy === undefined ? "one response window from the issue" : formatTime(answerBy)],
      ["Point earned", rewarded === undefined ? "if the account is an active validator" : rewarded ? "yes" : "no"],
    ],
    next: "nodes answer now: `proof solve NODE`.",
  });
});
