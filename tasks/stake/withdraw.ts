import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { amountIn } from "../support/events.ts";
import { parseAddress } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount, parseAmount } from "../../src/amounts.ts";

interface Arguments {
  readonly amount: string;
  readonly to: string | undefined;
}

export default action(async ({ amount, to }: Arguments, context) => {
  const { protocol, token } = context;
  const { stakeVault } = protocol;
  const account = await senderOf(context);
  const receiver = to === undefined ? account : parseAddress(to);
  const value = amount === "all" ? await stakeVault.freeStakeOf(account) : parseAmount(amount, token.decimals);
  const tx = () => stakeVault.withdraw.populateTransaction(value, receiver);
  const show = (each: bigint): string => `${formatAmount(each, token.decimals)} ${token.symbol}`;
  const sent = await transact(context, [{ title: "Withdraw stake", terms: `${show(value)} to ${receiver}`, tx }]);
  const paid = amountIn(sent, stakeVault, { name: "Withdrawn" }, value);
  return sentOutcome(sent, {
    data: { account, to: receiver, amount: paid },
    rows: [
      ["Withdrawn", show(paid)],
      ["To", receiver],
    ],
    next: "see what is left: `stake show`.",
  });
});
