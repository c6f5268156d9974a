import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import { formatAmount } from "../../src/amounts.ts";
import { isUnbounded, viewStake } from "../../src/facts/stake.ts";

export default action(async ({ account: text }: { account: string }, context) => {
  const { token } = context;
  const account = await parseAccount(context, text);
  const view = await viewStake(context, account);
  const { balance, stake, locked, modules } = view;
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const free = formatAmount(view.free, token.decimals);
  return {
    data: view,
    rows: [
      ["Account", account],
      ["Tokens held", show(balance)],
      ["Stake", show(stake)],
      ["Locked", show(locked)],
      ["Free", show(view.free)],
    ],
    table: [
      ["Module", "Locked", "May lock"],
      ...modules.map((lock) => [lock.module, show(lock.locked), isUnbounded(lock.cap) ? "everything" : show(lock.cap)]),
    ],
    next:
      stake === locked
        ? `\`stake deposit 100 --account ${account}\`, with your amount.`
        : `\`stake allow nodes ${free} --account ${account}\`, or \`stake withdraw all --account ${account}\`.`,
  };
});
