import { setTimeout as sleep } from "node:timers/promises";

import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { runOne } from "../support/progress.ts";
import { eventOf } from "../support/events.ts";
import { sentOutcome, transact, type Sent } from "../support/transact.ts";
import { formatTime, parseDuration } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";

const POLL_MILLISECONDS = 300;

/** Finds a block that would win now, if there is one. */
type Watch = () => Promise<number | undefined>;

/**
 * Watches the lottery. At first all blocks that can be cited are looked at, later only new ones and the last one before them:
 * in the same epoch a block that has lost wins in the open stretch alone, where the latest one does too.
 */
function watchLottery({ protocol, provider }: PlatformContext): Watch {
  const { challengeManager } = protocol;
  let seen = 0;
  return async () => {
    const [latest, back] = [await provider.getBlockNumber(), Number(await challengeManager.citableBlocks())];
    const first = Math.max(1, latest - back + 1, Math.min(seen, latest));
    seen = latest;
    for (let number = latest; number >= first; number--) {
      if (await challengeManager.canIssue(number, { blockTag: "pending" })) return number;
    }
    return undefined;
  };
}

/** Waits for a block that wins; the latest block where waiting is needless or impossible, so that the contract says why. */
async function waitForBlock(context: PlatformContext, seconds: bigint): Promise<number> {
  const { protocol, provider, options } = context;
  const { challengeManager } = protocol;
  const epoch = await challengeManager.currentEpoch();
  const until = Date.now() + Number(seconds) * 1000;
  const watch = watchLottery(context);
  const found = await watch();
  if (found !== undefined || options.dryRun || (await challengeManager.isChallenged(epoch))) {
    return found ?? provider.getBlockNumber();
  }
  const waited = await runOne("Wait for a block that wins the lottery", options.json, async () => {
    for (;;) {
      await sleep(POLL_MILLISECONDS);
      const block = await watch();
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
  const args = eventOf(sent, challengeManager, "ChallengeIssued")?.args;
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
  const tx = () => challengeManager.issue.populateTransaction(block);
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
    next: "the live nodes answer now (`node list --live`), each with what `proof solve --help` says.",
  });
});
