import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { amountIn } from "../support/events.ts";
import { parseAddress } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount } from "../../src/amounts.ts";

export default action(async ({ to }: { to: string | undefined }, context) => {
  const { protocol, token } = context;
  const account = await senderOf(context);
  const receiver = to === undefined ? account : parseAddress(to);
  const balance = await protocol.taskEscrow.balanceOf(account);
  const tx = () => protocol.taskEscrow.withdraw.populateTransaction(receiver);
  const show = (each: bigint): string => `${formatAmount(each, token.decimals)} ${token.symbol}`;
  const sent = await transact(context, [
    { title: "Withdraw what tasks have paid", terms: `${show(balance)} to ${receiver}`, tx },
  ]);
  const amount = amountIn(sent, protocol.taskEscrow, { name: "Withdrawn" }, balance);
  return sentOutcome(sent, {
    data: { account, to: receiver, amount },
    rows: [
      ["Fees and refunds", show(amount)],
      ["To", receiver],
    ],
    next: "what a node's lock paid is free stake: `stake show`, `stake withdraw all`.",
  });
});
