import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { amountIn } from "../support/events.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { amountsOfNodes, sumOf } from "./nodes.ts";
import { inTransactions } from "../support/list.ts";
import { formatAmount } from "../../src/amounts.ts";

export default action(async (args: { readonly nodes: string | undefined }, context) => {
  const { protocol, token } = context;
  const { orderEscrow } = protocol;
  const account = await senderOf(context);
  const nodes = await amountsOfNodes(context, account, args.nodes, async (id) => orderEscrow.idleLockOf(id));
  const ids = nodes.map(({ id }) => id);
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  // Where there is nothing to release, the contract says so.
  const portions = nodes.length === 0 ? [nodes] : inTransactions(nodes);
  const steps = portions.map((portion) => {
    const some = portion.map(({ id }) => id);
    const tx = () => orderEscrow.releaseIdle.populateTransaction(some);
    return { title: "Release the idle locks", terms: `frees ${show(sumOf(portion))} of stake`, tx };
  });
  const sent = await transact(context, steps);
  const released = amountIn(sent, orderEscrow, { name: "IdleLockReleased" }, sumOf(nodes));
  return sentOutcome(sent, {
    data: { account, nodes: ids, released },
    rows: [
      ["Nodes", ids.length === 0 ? "none" : ids.join(", ")],
      ["Free stake again", show(released)],
    ],
    next: "`stake withdraw all`, or leave it for what comes next.",
  });
});
