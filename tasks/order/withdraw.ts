import { action } from "../support/action.ts";
import { signerOf } from "../support/context.ts";
import { addressOf } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount } from "../../src/amounts.ts";

export default action(async ({ to }: { to: string | undefined }, context) => {
  const { protocol, token } = context;
  const { orderEscrow } = protocol;
  const account = (await signerOf(context)).address;
  const receiver = to === undefined ? account : addressOf(to);
  const amount = await orderEscrow.balanceOf(account);
  const tx = orderEscrow.withdraw.populateTransaction(receiver);
  const sent = await transact(context, [{ title: "Withdraw from the ledger", tx }]);
  return sentOutcome(sent, {
    data: { account, to: receiver, amount },
    rows: [
      ["Amount", `${formatAmount(amount, token.decimals)} ${token.symbol}`],
      ["To", receiver],
    ],
    next: "`order list`.",
  });
});
