import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { amountsOfNodes } from "./nodes.ts";
import { inTransactions } from "../support/list.ts";
import { formatAmount } from "../../src/amounts.ts";

export default action(async (args: { readonly nodes: string | undefined }, context) => {
  const { protocol, token } = context;
  const { orderEscrow } = protocol;
  const account = await senderOf(context);
  const nodes = await amountsOfNodes(context, account, args.nodes, async (id) => orderEscrow.idleLockOf(id));
  const ids = nodes.map(({ id }) => id);
  // Where there is nothing to release, the contract says so.
  const portions = ids.length === 0 ? [ids] : inTransactions(ids);
  const steps = portions.map((portion) => {
    return { title: "Release the idle locks", tx: () => orderEscrow.releaseIdle.populateTransaction(portion) };
  });
  const sent = await transact(context, steps);
  const released = nodes.reduce((sum, { amount }) => sum + amount, 0n);
  return sentOutcome(sent, {
    data: { account, nodes: ids, released },
    rows: [
      ["Nodes", ids.length === 0 ? "none" : ids.join(", ")],
      ["Free stake again", `${formatAmount(released, token.decimals)} ${token.symbol}`],
    ],
    next: "`stake withdraw all`, or leave it for what comes next.",
  });
});
