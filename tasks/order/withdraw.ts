import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
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
  const account = await senderOf(context);
  const receiver = args.to === undefined ? account : parseAddress(args.to);
  const [refunds, nodes] = await Promise.all([
    orderEscrow.balanceOf(account),
    amountsOfNodes(context, account, args.nodes, async (id) => (await orderEscrow.earningsOf(id)).balance),
  ]);
  const earnings = nodes.reduce((sum, { amount }) => sum + amount, 0n);
  const ids = nodes.map(({ id }) => id);
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const steps: Step[] = [];
  for (const portion of inTransactions(ids)) {
    const tx = () => orderEscrow.withdrawEarnings.populateTransaction(portion, receiver);
    steps.push({ title: "Withdraw the earnings", terms: `of ${show(earnings)} to ${receiver}`, tx });
  }
  // Where there is nothing to withdraw, the contract says so.
  if (refunds !== 0n || steps.length === 0) {
    const tx = () => orderEscrow.withdraw.populateTransaction(receiver);
    steps.push({ title: "Withdraw the refunds", terms: `${show(refunds)} to ${receiver}`, tx });
  }
  const sent = await transact(context, steps);
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
