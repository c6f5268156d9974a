import { action } from "../support/action.ts";
import { amountIn } from "../support/events.ts";
import { parseId } from "../support/inputs.ts";
import { orderOutcome } from "./action.ts";
import { askFirst, doubtsAbout } from "./doubts.ts";
import { seeOrder } from "./seen.ts";
import { spend } from "../support/token.ts";
import { sentOutcome } from "../support/transact.ts";
import { parseAmount } from "../../src/amounts.ts";

interface Arguments {
  readonly order: string;
  readonly amount: string;
  readonly terms: string | undefined;
}

export default action(async ({ order, amount: text, terms }: Arguments, context) => {
  const { protocol, book, token } = context;
  const { orderEscrow } = protocol;
  const orderId = parseId(order, "order");
  const amount = parseAmount(text, token.decimals);
  const { termsHash, words } = await seeOrder(context, orderId, terms);
  const doubts = await doubtsAbout(context, orderId);
  await askFirst(context, doubts);
  const sent = await spend(context, {
    title: "Top the order up",
    terms: words,
    spender: book.contracts.orderEscrow,
    amount,
    plain: () => orderEscrow.topUp.populateTransaction(orderId, termsHash, amount),
    withPermit: (permit) => orderEscrow.topUpWithPermit.populateTransaction(orderId, termsHash, amount, permit),
  });
  const outcome = await orderOutcome(sent.after, orderId, `\`order show ${orderId.toString()}\`.`);
  const notes = doubts.map((doubt) => ["Note", doubt] as const);
  return sentOutcome(sent, {
    ...outcome,
    data: { ...outcome.data, amount: amountIn(sent, orderEscrow, { name: "OrderToppedUp" }, amount) },
    rows: [...(outcome.rows ?? []), ...notes],
  });
});
