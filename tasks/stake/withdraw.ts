import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
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
  const show = `${formatAmount(value, token.decimals)} ${token.symbol}`;
  const sent = await transact(context, [{ title: "Withdraw stake", terms: `${show} to ${receiver}`, tx }]);
  return sentOutcome(sent, {
    data: { account, to: receiver, amount: value },
    rows: [
      ["Withdrawn", show],
      ["To", receiver],
    ],
    next: "see what is left: `stake show`.",
  });
});
