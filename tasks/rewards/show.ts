import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import { parsePeriods, rewardsOf } from "./periods.ts";
import { formatAmount } from "../../src/amounts.ts";

interface Arguments {
  readonly account: string;
  readonly periods: string;
}

export default action(async (args: Arguments, context) => {
  const { decimals, symbol } = context.token;
  const validator = await parseAccount(context, args.account);
  const periods = await rewardsOf(context, validator, parsePeriods(args.periods));
  const due = periods.reduce((sum, period) => sum + period.due, 0n);
  const shown = periods.filter(({ open, allPoints, pot }) => open || allPoints !== 0n || pot !== 0n);
  return {
    data: { validator, due, periods },
    rows: [
      ["Validator", validator],
      ["Due", `${formatAmount(due, decimals)} ${symbol}`],
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
    next: due === 0n ? "`validator challenge` earns points." : "`rewards withdraw`.",
  };
});
