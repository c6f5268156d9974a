import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import { modules } from "../support/modules.ts";
import { formatAmount } from "../../src/amounts.ts";

export default action(async ({ account: text }: { account: string }, context) => {
  const { protocol, book, token } = context;
  const account = await parseAccount(context, text);
  const { stakeVault } = protocol;
  const [{ stake, locked }, balance] = await Promise.all([
    stakeVault.stakeOf(account),
    protocol.token.balanceOf(account),
  ]);
  const locks = await Promise.all(
    Object.entries(modules).map(async ([word, name]) => {
      const allowance = await stakeVault.allowanceOf(account, book.contracts[name]);
      return { module: word, address: book.contracts[name], cap: allowance.cap, locked: allowance.locked };
    }),
  );
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const free = formatAmount(stake - locked, token.decimals);
  return {
    data: { account, balance, stake, locked, free: stake - locked, modules: locks },
    rows: [
      ["Account", account],
      ["Tokens held", show(balance)],
      ["Stake", show(stake)],
      ["Locked", show(locked)],
      ["Free", show(stake - locked)],
    ],
    table: [
      ["Module", "Locked", "May lock"],
      ...locks.map((lock) => [lock.module, show(lock.locked), lock.cap >= 2n ** 127n ? "everything" : show(lock.cap)]),
    ],
    next:
      stake === locked
        ? `\`stake deposit 100 --account ${account}\`, with your amount.`
        : `\`stake allow nodes ${free} --account ${account}\`, or \`stake withdraw all --account ${account}\`.`,
  };
});
