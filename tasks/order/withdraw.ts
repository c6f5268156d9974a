import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { amountIn } from "../support/events.ts";
import { parseAddress } from "../support/inputs.ts";
import { amountsOfNodes, sumOf } from "./nodes.ts";
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
  const [balance, nodes] = await Promise.all([
    orderEscrow.balanceOf(account),
    amountsOfNodes(context, account, args.nodes, async (id) => (await orderEscrow.earningsOf(id)).balance),
  ]);
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const steps: Step[] = [];
  for (const portion of inTransactions(nodes)) {
    const ids = portion.map(({ id }) => id);
    const tx = () => orderEscrow.withdrawEarnings.populateTransaction(ids, receiver);
    steps.push({ title: "Withdraw the earnings", terms: `${show(sumOf(portion))} to ${receiver}`, tx });
  }
  // Where there is nothing to withdraw, the contract says so.
  if (balance !== 0n || steps.length === 0) {
    const tx = () => orderEscrow.withdraw.populateTransaction(receiver);
    steps.push({ title: "Withdraw the refunds", terms: `${show(balance)} to ${receiver}`, tx });
  }
  const sent = await transact(context, steps);
  const refunds = amountIn(sent, orderEscrow, { name: "Withdrawn" }, balance);
  const earnings = amountIn(sent, orderEscrow, { name: "EarningsWithdrawn" }, sumOf(nodes));
  return sentOutcome(sent, {
    data: { account, to: receiver, refunds, earnings, nodes: nodes.map(({ id }) => id), amount: refunds + earnings },
    rows: [
      ["Refunds", show(refunds)],
      ["Earnings", show(earnings)],
      ["To", receiver],
    ],
    next: "`order list`.",
  });
});
