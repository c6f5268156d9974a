import type { ContractTransaction } from "ethers";

import { action } from "./action.ts";
import type { PlatformContext } from "./context.ts";
import { idOf } from "./inputs.ts";
import type { Outcome } from "./outcome.ts";
import { describeRunway, viewOrder } from "./orderView.ts";
import { sentOutcome, transact } from "./transact.ts";
import { formatAmount, formatTime } from "../../src/amounts.ts";

/** What to send for an order. */
interface OrderCall {
  readonly title: string;
  readonly tx: Promise<ContractTransaction>;
}

/** How an order stands, for people and as a document. */
export async function orderOutcome(context: PlatformContext, orderId: bigint, next: string): Promise<Outcome> {
  const { decimals, symbol } = context.token;
  const order = await viewOrder(context, orderId);
  const show = (amount: bigint): string => `${formatAmount(amount, decimals)} ${symbol}`;
  const stop = order.stopTime === undefined ? "" : `, ${order.reason}, ${formatTime(order.stopTime)}`;
  return {
    data: order,
    rows: [
      ["Order", `${orderId.toString()}, ${order.status}${stop}`],
      ["Deposited", show(order.deposited)],
      ["Paid", `${show(order.paid)} for ${order.payableSeconds.toString()} proven seconds`],
      ["Decided, to settle", show(order.accrued)],
      ["Undecided", show(order.undecided)],
      ["Back by closing now", show(order.surplus)],
      ["Runway", describeRunway(order)],
    ],
    next,
  };
}

/** A task that sends one transaction about one order and then shows how it stands. */
export function orderAction(call: (orderId: bigint, context: PlatformContext) => Promise<OrderCall>, next: string) {
  return action(async ({ order }: { order: string }, context) => {
    const orderId = idOf(order, "order");
    const sent = await transact(context, [await call(orderId, context)]);
    return sentOutcome(sent, await orderOutcome(context, orderId, next));
  });
}
