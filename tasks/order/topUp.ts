import { action } from "../support/action.ts";
import { parseId } from "../support/inputs.ts";
import { orderOutcome } from "./action.ts";
import { spend } from "../support/token.ts";
import { sentOutcome } from "../support/transact.ts";
import { parseAmount } from "../../src/amounts.ts";

interface Arguments {
  readonly order: string;
  readonly amount: string;
}

export default action(async ({ order, amount: text }: Arguments, context) => {
  const { protocol, book, token } = context;
  const { orderEscrow } = protocol;
  const orderId = parseId(order, "order");
  const amount = parseAmount(text, token.decimals);
  await orderEscrow.getOrder(orderId);
  const sent = await spend(context, {
    title: "Top the order up",
    spender: book.contracts.orderEscrow,
    amount,
    plain: () => orderEscrow.topUp.populateTransaction(orderId, amount),
    withPermit: (permit) => orderEscrow.topUpWithPermit.populateTransaction(orderId, amount, permit),
  });
  const outcome = await orderOutcome(context, orderId, `\`order show ${orderId.toString()}\`.`);
  return sentOutcome(sent, { ...outcome, data: { ...outcome.data, amount } });
});
