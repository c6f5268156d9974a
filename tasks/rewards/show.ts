import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import { nowOf } from "../support/context.ts";
import { formatAmount, formatDuration, formatTime } from "../../src/amounts.ts";
import { parsePeriods } from "./periods.ts";
import { rewardsOf, runningPeriod } from "../../src/facts/rewards.ts";

interface Arguments {
  readonly account: string;
  readonly periods: string;
}

export default action(async (args: Arguments, context) => {
  const { decimals, symbol } = context.token;
  const validator = await parseAccount(context, args.account);
  const periods = await rewardsOf(context, validator, parsePeriods(args.periods));
  const [{ period: running, endsAt }, now] = await Promise.all([runningPeriod(context), nowOf(context)]);
  const due = periods.reduce((sum, period) => sum + period.due, 0n);
  const shown = periods.filter(({ open, allPoints, pot }) => open || allPoints !== 0n || pot !== 0n);
  return {
    data: { validator, due, running, endsAt, periods },
    rows: [
      ["Validator", validator],
      ["Due", `${formatAmount(due, decimals)} ${symbol}`],
      [
        "Period ends",
        `${running.toString()} on ${formatTime(endsAt)}, in ${formatDuration(endsAt - now)}; it is paid after that`,
      ],
    ],
    table: [
      ["Period", "Points", "Of all", "Pot", "Due"],
      ...shown.map(({ period, open, points, allPoints, pot, due: share }) => [
        `${period.toString()}${open ? " (open)" : ""}`,
        points.toString(),
        allPoints.toString(),
        formatAmount(pot, decimals),
        formatAmount(share, decimals),
      ]),
    ],
    next:
      due === 0n
        ? `\`validator challenge --account ${validator}\` earns points.`
        : `\`rewards withdraw --account ${validator}\`.`,
  };
});
