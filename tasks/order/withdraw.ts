import { action } from "../support/action.ts";
import { signerOf, type PlatformContext } from "../support/context.ts";
import { parseAddress, parseId } from "../support/inputs.ts";
import { readLatest } from "../support/list.ts";
import { sentOutcome, transact, type Step } from "../support/transact.ts";
import { formatAmount } from "../../src/amounts.ts";

interface Arguments {
  readonly to: string | undefined;
  readonly nodes: string | undefined;
}

/** The nodes that were named, else those of the account that have earned something. */
async function earningNodes({ protocol }: PlatformContext, account: string, named: string | undefined) {
  const { orderEscrow, nodeRegistry } = protocol;
  const read = async (id: bigint) => ({ id, balance: (await orderEscrow.earningsOf(id)).balance });
  if (named !== undefined) return Promise.all(named.split(",").map((text) => read(parseId(text.trim(), "node"))));
  const nodes = await readLatest(await nodeRegistry.nodeCount(), async (id) => {
    const { provider } = await nodeRegistry.getNode(id);
    return provider === account ? read(id) : { id, balance: 0n };
  });
  return nodes.filter(({ balance }) => balance !== 0n);
}

export default action(async (args: Arguments, context) => {
  const { protocol, token } = context;
  const { orderEscrow } = protocol;
  const account = (await signerOf(context)).address;
  const receiver = args.to === undefined ? account : parseAddress(args.to);
  const [refunds, nodes] = await Promise.all([
    orderEscrow.balanceOf(account),
    earningNodes(context, account, args.nodes),
  ]);
  const earnings = nodes.reduce((sum, { balance }) => sum + balance, 0n);
  const ids = nodes.map(({ id }) => id);
  const steps: Step[] = [];
  if (ids.length > 0) {
    const tx = orderEscrow.withdrawEarnings.populateTransaction(ids, receiver);
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
