import { setTimeout as sleep } from "node:timers/promises";

import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { runOne } from "../support/progress.ts";
import { sentOutcome, transact, type Sent } from "../support/transact.ts";
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

/** Waits for a block that wins; the latest block where waiting is needless or impossible, so that the contract says why. */
async function waitForBlock(context: PlatformContext, seconds: bigint): Promise<number> {
  const { protocol, provider, options } = context;
  const { challengeManager } = protocol;
  const epoch = await challengeManager.currentEpoch();
  const until = Date.now() + Number(seconds) * 1000;
  const found = await winningBlock(context);
  if (found !== undefined || options.dryRun || (await challengeManager.isChallenged(epoch))) {
    return found ?? provider.getBlockNumber();
  }
  const waited = await runOne("Wait for a block that wins the lottery", options.json, async () => {
    for (;;) {
      await sleep(POLL_MILLISECONDS);
      const block = await winningBlock(context);
      if (block !== undefined || Date.now() >= until) return block;
    }
  });
  if (waited !== undefined) return waited;
  throw new InputError(
    "No block has won the lottery in time",
    "Give --wait more time; near the cut-off every block wins.",
  );
}

/** What the event says of a challenge that was issued; nothing for a dry run. */
function issuedIn({ challengeManager }: PlatformContext["protocol"], sent: Sent) {
  const args = sent.events(challengeManager.interface).find((event) => event.name === "ChallengeIssued")?.args;
  if (args === undefined) return undefined;
  return {
    epoch: args.getValue("epoch") as bigint,
    answerBy: args.getValue("answerBy") as bigint,
    rewarded: args.getValue("rewarded") as boolean,
  };
}

export default action(async ({ wait }: { wait: string }, context) => {
  const { challengeManager } = context.protocol;
  const block = await waitForBlock(context, parseDuration(wait));
  const tx = challengeManager.issue.populateTransaction(block);
  const sent = await transact(context, [{ title: "Issue the challenge", tx }]);
  const issued = issuedIn(context.protocol, sent);
  const epoch = issued?.epoch ?? (await challengeManager.currentEpoch());
  const [answers, point] =
    issued === undefined
      ? ["one response window from the issue", "if the account is an active validator"]
      : [formatTime(issued.answerBy), issued.rewarded ? "yes" : "no"];
  return sentOutcome(sent, {
    data: issued === undefined ? { epoch, block } : { block, ...issued },
    rows: [
      ["Epoch", epoch.toString()],
      ["Block", String(block)],
      ["Answers until", answers],
      ["Point earned", point],
    ],
    next: "nodes answer now: `proof solve NODE`.",
  });
});
