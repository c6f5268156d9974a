import { action } from "../support/action.ts";
import { senderOf, type PlatformContext } from "../support/context.ts";
import { parseAddress } from "../support/inputs.ts";
import { chosen, idsBetween, inTransactions } from "../support/list.ts";
import { parsePeriods, rewardsOf } from "./periods.ts";
import { sentOutcome, transact, type Step } from "../support/transact.ts";
import { formatAmount } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly to: string | undefined;
  readonly periods: string;
  readonly collect: boolean;
}

/** Fees wait at the escrow, by node; once handed over they count for the running period. */
async function collectSteps({ protocol, options }: PlatformContext): Promise<Step[]> {
  const { orderEscrow, nodeRegistry } = protocol;
  const all = idsBetween(1n, await nodeRegistry.nodeCount());
  const owing = await chosen(all, "nodes", options, async (id) => (await orderEscrow.earningsOf(id)).fees !== 0n);
  return inTransactions(owing).map((nodes) => {
    return { title: "Collect the fees", tx: () => orderEscrow.collectFees.populateTransaction(nodes) };
  });
}

export default action(async (args: Arguments, context) => {
  const { protocol, token } = context;
  const validator = await senderOf(context);
  const receiver = args.to === undefined ? validator : parseAddress(args.to);
  const periods = (await rewardsOf(context, validator, parsePeriods(args.periods))).filter(({ due }) => due !== 0n);
  const amount = periods.reduce((sum, { due }) => sum + due, 0n);
  const numbers = periods.map(({ period }) => period);
  const steps = args.collect ? await collectSteps(context) : [];
  if (numbers.length > 0) {
    const tx = () => protocol.validatorRewards.withdraw.populateTransaction(numbers, receiver);
    const terms = `${formatAmount(amount, token.decimals)} ${token.symbol} to ${receiver}`;
    steps.push({ title: "Withdraw the rewards", terms, tx });
  }
  if (steps.length === 0)
    throw new InputError(`Nothing is due to ${validator}`, "See `rewards show`; open periods pay later.");
  const sent = await transact(context, steps);
  return sentOutcome(sent, {
    data: { validator, to: receiver, periods: numbers, amount },
    rows: [
      ["Amount", `${formatAmount(amount, token.decimals)} ${token.symbol}`],
      ["Periods", numbers.length === 0 ? "none" : numbers.join(", ")],
      ["To", receiver],
    ],
    next: "`rewards show`.",
  });
});
