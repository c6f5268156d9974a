import { action } from "../support/action.ts";
import { openSession, type GatewayArguments } from "./session.ts";
import { formatAmount, formatRate } from "../../src/amounts.ts";

const GIB = 2n ** 30n;

/** A number with two decimals, of a count and a unit. */
function inUnits(count: bigint, unit: bigint): string {
  return (Number((count * 100n) / unit) / 100).toFixed(2);
}

const bytes = (count: bigint | null): string => (count === null ? "unknown" : `${inUnits(count, 2n ** 20n)} MiB`);

export default action(async (args: GatewayArguments & { readonly order: string }, context) => {
  const { token } = context;
  const { client, order } = await openSession(args, args.order, context);
  const [{ totals }, billing] = await Promise.all([client.usage(), client.billing()]);
  const used =
    totals === null
      ? [["Used", "nothing was measured yet"] as const]
      : ([
          ["CPU", `${inUnits(totals.cpuNanoseconds, 10n ** 9n)} core seconds`],
          ["Memory", `${inUnits(totals.memoryByteSeconds, GIB * 3_600n)} GiB hours`],
          ["Received", bytes(totals.received)],
          ["Sent", bytes(totals.sent)],
        ] as const);
  return {
    data: { order, usage: totals, billing },
    rows: [
      ...used,
      ["Price", `${formatRate(billing.ratePerSecond, token.decimals)} ${token.symbol}`],
      ["Deposited", `${formatAmount(billing.deposited, token.decimals)} ${token.symbol}`],
    ],
    next: `\`order show ${args.order}\`, which reads the chain itself.`,
  };
});
