import { action } from "../support/action.ts";
import { signerOf } from "../support/context.ts";
import { parseAddress } from "../support/inputs.ts";
import { amountsOfNodes } from "./nodes.ts";
import { inTransactions } from "../support/list.ts";
import { sentOutcome, transact, type Step } from "../support/transact.ts";
import { formatAmount } from "../../src/amounts.ts";

interface Arguments {
  readonly to: string | undefined;
  readonly nodes: string | undefined;
}

export default action(async (args: Arguments, context) => {
  const { protocol, token } = context;
  const { orderEscrow } = protocol;
  const account = (await signerOf(context)).address;
  const receiver = args.to === undefined ? account : parseAddress(args.to);
  const [refunds, nodes] = await Promise.all([
    orderEscrow.balanceOf(account),
    amountsOfNodes(context, account, args.nodes, async (id) => (await orderEscrow.earningsOf(id)).balance),
  ]);
  const earnings = nodes.reduce((sum, { amount }) => sum + amount, 0n);
  const ids = nodes.map(({ id }) => id);
  const steps: Step[] = [];
  for (const portion of inTransactions(ids)) {
    const tx = orderEscrow.withdrawEarnings.populateTransaction(portion, receiver);
    steps.push({ title: "Withdraw the earnings", tx });
  }
  // Where there is nothing to withdraw, the contract says so.
  if (refunds !== 0n || steps.length === 0) {
    steps.push({ title: "Withdraw the refunds", tx: orderEscrow.withdraw.populateTransaction(receiver) });
  }
  const sent = await transact(context, steps);
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  return sentOutcome(sent, {
    data: { account, to: receiver, refunds, earnings, nodes: ids, amount: refunds + earnings },
    rows: [
      ["Refunds", show(refunds)],
      ["Earnings", show(earnings)],
      ["To", receiver],
    ],
    next: "`order list`.",
  });
});
