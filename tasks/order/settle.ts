import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { amountIn } from "../support/events.ts";
import { parseId, parseNumber } from "../support/inputs.ts";
import { readAll } from "../support/list.ts";
import { orderOutcome } from "./action.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount } from "../../src/amounts.ts";
import { isRevert } from "../../src/errors.ts";

interface Arguments {
  readonly orders: string;
  readonly untilEpoch: string;
}

/** Reads what is decided and not settled of an order; 0 of one that there is not, which settling several skips. */
function accruedOf({ protocol }: PlatformContext): (id: bigint) => Promise<bigint> {
  return async (id) => {
    try {
      return await protocol.orderEscrow.accruedOf(id);
    } catch (error) {
      if (!isRevert(error)) throw error;
      return 0n;
    }
  };
}

export default action(async ({ orders, untilEpoch }: Arguments, context) => {
  const { protocol, token } = context;
  const { orderEscrow } = protocol;
  const ids = orders.split(",").map((text) => parseId(text.trim(), "order"));
  const until = parseNumber(untilEpoch, "epoch");
  const [first = 0n] = ids;
  const one = ids.length === 1;
  const tx = () =>
    one ? orderEscrow.settle.populateTransaction(first, until) : orderEscrow.settleMany.populateTransaction(ids, until);
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const accrued = (await readAll(ids, "orders", context.options, accruedOf(context))).reduce(
    (sum, each) => sum + each,
    0n,
  );
  const terms = `pays ${until === 0n ? "" : "at most "}${show(accrued)} that are decided`;
  const sent = await transact(context, [{ title: one ? "Settle the order" : "Settle the orders", terms, tx }]);
  const amount = amountIn(sent, orderEscrow, { name: "OrderSettled" }, accrued);
  if (one) {
    const outcome = await orderOutcome(sent.after, first);
    const data = { ...outcome.data, amount };
    return sentOutcome(sent, { ...outcome, data, rows: [...(outcome.rows ?? []), ["Paid now", show(amount)]] });
  }
  const settled = sent.events(orderEscrow).filter((event) => event.name === "OrderSettled");
  return sentOutcome(sent, {
    data: { orders: ids, settled: settled.map(({ args }) => args.getValue("orderId") as bigint), amount },
    rows: [
      ["Orders with something to pay", String(settled.length)],
      ["Paid now", show(amount)],
    ],
    next: "providers and users take their money: `order withdraw`.",
  });
});
