import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import { given, listPage, type PageArguments } from "../support/list.ts";
import { describeRunway, viewOrder } from "../../src/facts/order.ts";
import { formatAmount, formatRate } from "../../src/amounts.ts";

interface Arguments extends PageArguments {
  readonly user: string | undefined;
  readonly node: string | undefined;
}

const HEAD = ["Order", "Status", "Node", "Price", "Deposited", "Paid", "Runway", "User"] as const;

/** Whether an order is among those that were asked for; nothing where all are. */
async function parseFilter(
  { user, node }: Arguments,
  context: PlatformContext,
): Promise<((id: bigint) => Promise<boolean>) | undefined> {
  if (user === undefined && node === undefined) return undefined;
  const owner = user === undefined ? undefined : await parseAccount(context, user);
  const nodeId = node === undefined ? undefined : parseId(node, "node");
  return async (id) => {
    const order = await context.protocol.orderEscrow.getOrder(id);
    return (owner === undefined || order.user === owner) && (nodeId === undefined || order.terms.nodeId === nodeId);
  };
}

export default action(async (args: Arguments, context) => {
  const { user, node } = args;
  const { orderEscrow } = context.protocol;
  const { decimals } = context.token;
  const { items, data, rows, more } = await listPage(
    { ...args, json: context.options.json },
    {
      noun: "order",
      command: `order list${given({ user, node })}`,
      count: await orderEscrow.orderCount(),
      isWanted: await parseFilter(args, context),
      view: async (id) => viewOrder(context, id),
    },
  );
  const lines = items.map((order) => [
    order.orderId.toString(),
    order.status,
    order.nodeId.toString(),
    formatRate(order.ratePerSecond, decimals),
    formatAmount(order.deposited, decimals),
    formatAmount(order.paid, decimals),
    describeRunway(order),
    order.user,
  ]);
  const isEmpty = items.length === 0;
  return {
    data: { ...data, orders: items },
    rows: [...rows, ...(isEmpty ? [["Orders", "none"] as const] : [])],
    table: isEmpty ? [] : [HEAD, ...lines],
    next: isEmpty
      ? "`node list --live`, then `order open --help` or `order request --help`."
      : `${more}\`order show ${items.at(-1)?.orderId.toString() ?? ""}\`.`,
  };
});
