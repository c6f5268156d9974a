import type { ContractTransaction } from "ethers";

import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { describeRunway, viewOrder, type OrderView } from "./view.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount, formatTime } from "../../src/amounts.ts";

/** What to send for an order. */
interface OrderCall {
  readonly title: string;
  readonly tx: Promise<ContractTransaction>;
}

/** What can be done next with an order. */
function nextOf({ status, reason, orderId }: OrderView): string {
  const id = orderId.toString();
  switch (status) {
    case "Requested":
      return `the provider runs \`order accept ${id}\`; the user takes it back with \`order close ${id}\`.`;
    case "Active":
      return `\`order settle ${id}\` when an epoch is over, \`order top-up ${id} AMOUNT\`, or \`order close ${id}\`.`;
    case "Stopped":
      return `${reason === "Depleted" ? `\`order top-up ${id} AMOUNT\` to restart it, or ` : ""}\`order close ${id}\`.`;
    case "Closing":
      return `\`order settle ${id}\` when its last epoch is over, then \`order withdraw\`.`;
    default:
      return "user and provider take their money: `order withdraw`.";
  }
}

/** How an order stands, for people and as a document. */
export async function orderOutcome(context: PlatformContext, orderId: bigint, next?: string): Promise<Outcome> {
  const { decimals, symbol } = context.token;
  const order = await viewOrder(context, orderId);
  const show = (amount: bigint): string => `${formatAmount(amount, decimals)} ${symbol}`;
  const refunded = order.status === "Closing" || order.status === "Closed" ? ", without what was refunded" : "";
  const stop = order.stopTime === undefined ? "" : `, ${order.reason}, ${formatTime(order.stopTime)}`;
  return {
    data: order,
    rows: [
      ["Order", `${orderId.toString()}, ${order.status}${stop}`],
      ["Deposited", `${show(order.deposited)}${refunded}`],
      ["Paid", `${show(order.paid)} for ${order.payableSeconds.toString()} proven seconds`],
      ["Decided, to settle", show(order.accrued)],
      ["Undecided", show(order.undecided)],
      ["Back by closing now", show(order.surplus)],
      ["Runway", describeRunway(order)],
    ],
    next: next ?? nextOf(order),
  };
}

/** A task that sends one transaction about one order and then shows how it stands. */
export function orderAction(call: (orderId: bigint, context: PlatformContext) => Promise<OrderCall>, next?: string) {
  return action(async ({ order }: { order: string }, context) => {
    const orderId = parseId(order, "order");
    const sent = await transact(context, [await call(orderId, context)]);
    return sentOutcome(sent, await orderOutcome(context, orderId, next));
  });
}
