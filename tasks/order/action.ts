import type { ContractTransaction } from "ethers";

import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { describeRunway, isEnding, viewOrder, type OrderView } from "../../src/facts/order.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { seeOrder } from "./seen.ts";
import { costUpOf, formatAmount, formatRate, formatTime, formatUnits } from "../../src/amounts.ts";

/** What to send for an order. */
interface OrderCall {
  readonly title: string;
  /** What it binds its sender to. */
  readonly terms: string;
  readonly tx: () => Promise<ContractTransaction>;
}

/** What can be done next with an order; `more` is the least that restarts it. */
function nextOf(order: OrderView, more: string): string {
  const { status, orderId, user, provider } = order;
  const id = orderId.toString();
  const close = `\`order close ${id} --account ${user}\``;
  const topUp = `\`order top-up ${id} ${more} --account ${user}\``;
  if (isEnding(order)) return `\`order settle ${id}\` when it has ended, then \`order withdraw --account ${user}\`.`;
  switch (status) {
    case "Requested":
      return `the provider runs \`order accept ${id} --account ${provider}\`; the user takes it back with ${close}.`;
    case "Active":
      return `\`order settle ${id}\` when an epoch is over, ${topUp}, or ${close}.`;
    case "Stopped":
      return `the user restarts it with ${topUp}; user or provider ends it, such as ${close}.`;
    case "Closing":
      return `\`order settle ${id}\` when its last epoch is over, then \`order withdraw --account ${user}\`.`;
    default:
      return `user and provider take their money: \`order withdraw --account ${user}\`, \`order withdraw --account ${provider}\`.`;
  }
}

/** How an order stands, for people and as a document. */
export async function orderOutcome(context: PlatformContext, orderId: bigint, next?: string): Promise<Outcome> {
  const { decimals, symbol } = context.token;
  const [order, epochLength] = await Promise.all([
    viewOrder(context, orderId),
    context.protocol.challengeManager.epochLength(),
  ]);
  const more = formatAmount(costUpOf(order.ratePerSecond, 2n * epochLength), decimals);
  const show = (amount: bigint): string => `${formatAmount(amount, decimals)} ${symbol}`;
  const refunded = order.status === "Closing" || order.status === "Closed" ? ", without what was refunded" : "";
  const stop = order.stopTime === undefined ? "" : `, ${order.reason}, ${formatTime(order.stopTime)}`;
  return {
    data: order,
    rows: [
      ["Order", `${orderId.toString()}, ${order.status}${stop}`],
      ["User", order.user],
      [
        "Terms",
        `${formatUnits(order.units)} of node ${order.nodeId.toString()} for ${formatRate(order.ratePerSecond, decimals)} ${symbol}, ${show(order.stakeLock)} behind it`,
      ],
      ["Terms until", `${formatTime(order.termsUntil)}: a dry order restarts only before`],
      ["Terms' hash", order.termsHash],
      ["Deposited", `${show(order.deposited)}${refunded}`],
      ["Paid", `${show(order.paid)} for ${order.payableSeconds.toString()} proven seconds`],
      ["Decided, to settle", show(order.accrued)],
      ["Undecided", show(order.undecided)],
      ["Back by closing now", show(order.surplus)],
      ["Runway", describeRunway(order)],
    ],
    next: next ?? nextOf(order, more),
  };
}

/** The arguments of a task that sends a transaction about one order. */
export interface Arguments {
  readonly order: string;
  readonly terms: string | undefined;
}

/** A task that reads an order, sends one transaction that binds what was read, and then shows how the order stands. */
export function orderAction(
  call: (
    orderId: bigint,
    seen: Awaited<ReturnType<typeof seeOrder>>,
    context: PlatformContext,
  ) => Omit<OrderCall, "terms">,
  next?: string,
) {
  return action(async ({ order, terms }: Arguments, context) => {
    const orderId = parseId(order, "order");
    const seen = await seeOrder(context, orderId, terms);
    const step: OrderCall = { ...call(orderId, seen, context), terms: seen.words };
    const sent = await transact(context, [step]);
    return sentOutcome(sent, await orderOutcome(sent.after, orderId, next));
  });
}
