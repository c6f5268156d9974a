import { action } from "../support/action.ts";
import { parseId, parseNumber } from "../support/inputs.ts";
import { orderOutcome } from "./action.ts";
import { sentOutcome, transact } from "../support/transact.ts";

interface Arguments {
  readonly orders: string;
  readonly untilEpoch: string;
}

export default action(async ({ orders, untilEpoch }: Arguments, context) => {
  const { orderEscrow } = context.protocol;
  const ids = orders.split(",").map((text) => parseId(text.trim(), "order"));
  const until = parseNumber(untilEpoch, "epoch");
  const [first = 0n] = ids;
  const one = ids.length === 1;
  const tx = () =>
    one ? orderEscrow.settle.populateTransaction(first, until) : orderEscrow.settleMany.populateTransaction(ids, until);
  const sent = await transact(context, [{ title: one ? "Settle the order" : "Settle the orders", tx }]);
  if (one) return sentOutcome(sent, await orderOutcome(sent.after, first));
  const settled = sent.events(orderEscrow.interface).filter((event) => event.name === "OrderSettled");
  return sentOutcome(sent, {
    data: { orders: ids, settled: settled.map(({ args }) => args.getValue("orderId") as bigint) },
    rows: [["Orders with something to pay", String(settled.length)]],
    next: "providers and users take their money: `order withdraw`.",
  });
});
