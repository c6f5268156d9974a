import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { amountIn } from "../support/events.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount, formatTime } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";
import { parsePeriods } from "./periods.ts";
import { rewardsOf, runningPeriod } from "../../src/facts/rewards.ts";

export default action(async ({ periods: count }: { periods: string }, context) => {
  const { protocol, token } = context;
  const latest = await rewardsOf(context, await senderOf(context), parsePeriods(count));
  const idle = latest.filter(({ open, allPoints, pot }) => !open && allPoints === 0n && pot > 0n);
  if (idle.length === 0) {
    const problem = `None of the latest ${String(latest.length)} periods is over with a pot and without points`;
    throw new InputError(problem, "There is nothing to pass on; --periods looks at more of them.");
  }
  const sent = await transact(
    context,
    idle.map(({ period, pot }) => ({
      title: `Pass on the pot of period ${period.toString()}, ${formatAmount(pot, token.decimals)} ${token.symbol}`,
      tx: () => protocol.validatorRewards.rollOver.populateTransaction(period),
    })),
  );
  const pots = idle.reduce((sum, { pot }) => sum + pot, 0n);
  const amount = amountIn(sent, protocol.validatorRewards, { name: "RolledOver" }, pots);
  const { period: running, endsAt } = await runningPeriod(sent.after);
  const last = sent.events(protocol.validatorRewards).findLast(({ name }) => name === "RolledOver");
  const period = (last?.args.getValue("to") as bigint | undefined) ?? running;
  return sentOutcome(sent, {
    data: { periods: idle.map(({ period: number }) => number), to: period, amount },
    rows: [
      ["Amount", `${formatAmount(amount, token.decimals)} ${token.symbol}`],
      ["From periods", idle.map(({ period: number }) => number.toString()).join(", ")],
      ["To period", `${period.toString()}${period === running ? `, which ends on ${formatTime(endsAt)}` : ""}`],
    ],
    next: "`rewards show`.",
  });
});
