import { action } from "../support/action.ts";
import { senderOf, type PlatformContext } from "../support/context.ts";
import { amountIn } from "../support/events.ts";
import { parseAddress } from "../support/inputs.ts";
import { idsBetween, inTransactions, readAll } from "../support/list.ts";
import { sentOutcome, transact, type Step } from "../support/transact.ts";
import { formatAmount } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";
import { parsePeriods } from "./periods.ts";
import { rewardsOf } from "../../src/facts/rewards.ts";

interface Arguments {
  readonly to: string | undefined;
  readonly periods: string;
  readonly collect: boolean;
}

/** What nodes owe together, in token base units. */
const feesOf = (nodes: readonly { readonly fees: bigint }[]): bigint => nodes.reduce((sum, { fees }) => sum + fees, 0n);

/** Fees wait at the escrow, by node; once handed over they count for the running period. */
async function collectSteps({ protocol, options, token }: PlatformContext): Promise<{ steps: Step[]; fees: bigint }> {
  const { orderEscrow, nodeRegistry } = protocol;
  const all = await readAll(idsBetween(1n, await nodeRegistry.nodeCount()), "nodes", options, async (id) => {
    return { id, fees: (await orderEscrow.earningsOf(id)).fees };
  });
  const owing = all.filter(({ fees }) => fees !== 0n);
  const steps = inTransactions(owing).map((nodes): Step => {
    const terms = `${formatAmount(feesOf(nodes), token.decimals)} ${token.symbol} for the running period's pot`;
    const ids = nodes.map(({ id }) => id);
    return { title: "Collect the fees", terms, tx: () => orderEscrow.collectFees.populateTransaction(ids) };
  });
  return { steps, fees: feesOf(owing) };
}

export default action(async (args: Arguments, context) => {
  const { protocol, token } = context;
  const validator = await senderOf(context);
  const receiver = args.to === undefined ? validator : parseAddress(args.to);
  const periods = (await rewardsOf(context, validator, parsePeriods(args.periods))).filter(({ due }) => due !== 0n);
  const due = periods.reduce((sum, period) => sum + period.due, 0n);
  const numbers = periods.map(({ period }) => period);
  const { steps, fees } = args.collect ? await collectSteps(context) : { steps: [], fees: 0n };
  const show = (each: bigint): string => `${formatAmount(each, token.decimals)} ${token.symbol}`;
  if (numbers.length > 0) {
    const tx = () => protocol.validatorRewards.withdraw.populateTransaction(numbers, receiver);
    steps.push({ title: "Withdraw the rewards", terms: `${show(due)} to ${receiver}`, tx });
  }
  if (steps.length === 0)
    throw new InputError(`Nothing is due to ${validator}`, "See `rewards show`; open periods pay later.");
  const sent = await transact(context, steps);
  const amount = amountIn(sent, protocol.validatorRewards, { name: "RewardPaid" }, due);
  const collected = amountIn(sent, protocol.orderEscrow, { name: "FeesCollected" }, fees);
  return sentOutcome(sent, {
    data: { validator, to: receiver, periods: numbers, amount, ...(args.collect ? { collected } : {}) },
    rows: [
      ["Amount", show(amount)],
      ...(args.collect ? [["Fees collected", `${show(collected)}, for the running period`] as const] : []),
      ["Periods", numbers.length === 0 ? "none" : numbers.join(", ")],
      ["To", receiver],
    ],
    next: "`rewards show`.",
  });
});
