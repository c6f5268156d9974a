import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import { parseId } from "../support/inputs.ts";
import { latestOnly, readLatest } from "../support/list.ts";
import { describeRunway, viewOrder } from "./view.ts";
import { formatAmount, formatRate } from "../../src/amounts.ts";

interface Arguments {
  readonly user: string | undefined;
  readonly node: string | undefined;
}

export default action(async ({ user, node }: Arguments, context) => {
  const { decimals } = context.token;
  const owner = user === undefined ? undefined : await parseAccount(context, user);
  const nodeId = node === undefined ? undefined : parseId(node, "node");
  const count = await context.protocol.orderEscrow.orderCount();
  const all = await readLatest(count, (id) => viewOrder(context, id));
  const orders = all.filter(
    (order) => (owner === undefined || order.user === owner) && (nodeId === undefined || order.nodeId === nodeId),
  );
  const lines = orders.map((order) => [
    order.orderId.toString(),
    order.status,
    order.nodeId.toString(),
    formatRate(order.ratePerSecond, decimals),
    formatAmount(order.deposited, decimals),
    formatAmount(order.paid, decimals),
    describeRunway(order),
    order.user,
  ]);
  const limit = latestOnly(count);
  return {
    data: { count, ...limit.data, orders },
    rows: [...limit.rows, ...(orders.length === 0 ? [["Orders", "none"] as const] : [])],
    table:
      orders.length === 0
        ? []
        : [["Order", "Status", "Node", "Price", "Deposited", "Paid", "Runway", "User"], ...lines],
    next:
      orders.length === 0
        ? "`node list --live`, then `order open --help` or `order request --help`."
        : `\`order show ${orders.at(-1)?.orderId.toString() ?? ""}\`.`,
  };
});
