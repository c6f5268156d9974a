import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { amountIn } from "../support/events.ts";
import { spend } from "../support/token.ts";
import { sentOutcome } from "../support/transact.ts";
import { formatAmount, parseAmount } from "../../src/amounts.ts";

export default action(async ({ amount }: { amount: string }, context) => {
  const { protocol, book, token } = context;
  const value = parseAmount(amount, token.decimals);
  const { stakeVault } = protocol;
  const sent = await spend(context, {
    title: "Deposit stake",
    spender: book.contracts.stakeVault,
    amount: value,
    plain: () => stakeVault.deposit.populateTransaction(value),
    withPermit: (permit) => stakeVault.depositWithPermit.populateTransaction(value, permit),
  });
  const account = await senderOf(context);
  const added = amountIn(sent, stakeVault, { name: "Deposited" }, value);
  const free = await sent.after.protocol.stakeVault.freeStakeOf(account);
  return sentOutcome(sent, {
    data: { account, amount: added, freeStake: free },
    rows: [
      ["Account", account],
      ["Deposit", `${formatAmount(added, token.decimals)} ${token.symbol}`],
      ["Free stake", `${formatAmount(free, token.decimals)} ${token.symbol}`],
    ],
    next: `let a module lock it, such as \`stake allow nodes ${formatAmount(added, token.decimals)}\`; also orders, tasks, validators and quotes.`,
  });
});
