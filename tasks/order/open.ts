import { action } from "../support/action.ts";
import { amountIn, newId } from "../support/events.ts";
import { needed, readDocument } from "../support/inputs.ts";
import { checkPlace } from "../support/place.ts";
import { spend } from "../support/token.ts";
import { sentOutcome } from "../support/transact.ts";
import { formatAmount, formatDuration, formatRate, parseAmount } from "../../src/amounts.ts";
import { offerDocument } from "../../src/documents/orders.ts";

interface Arguments {
  readonly deposit: string;
  readonly offer: string | undefined;
  readonly onChainOnly: boolean;
}

export default action(async (args: Arguments, context) => {
  const { protocol, book, token } = context;
  const { orderEscrow } = protocol;
  const document = readDocument(needed(args.offer, "offer"), offerDocument, "an offer");
  checkPlace(context, document, { named: document.escrow, expected: book.contracts.orderEscrow });
  const { offer, signature, offerHash } = document;
  const amount = parseAmount(args.deposit, token.decimals);
  const sent = await spend(context, {
    title: "Open the order",
    spender: book.contracts.orderEscrow,
    amount,
    plain: () => orderEscrow.open.populateTransaction(offer, signature, amount, args.onChainOnly),
    withPermit: (permit) =>
      orderEscrow.openWithPermit.populateTransaction(offer, signature, amount, args.onChainOnly, permit),
  });
  const orderId = newId(sent, orderEscrow, "OrderOpened", "orderId");
  const deposit = amountIn(sent, orderEscrow, { name: "OrderOpened", argument: "deposit" }, amount);
  const lasts = (deposit * 10n ** 12n) / offer.ratePerSecond;
  return sentOutcome(sent, {
    data: { ...(orderId === undefined ? {} : { orderId }), offerHash, nodeId: offer.nodeId, deposit, lasts },
    rows: [
      ["Order", orderId === undefined ? "a new one" : orderId.toString()],
      ["Node", `${offer.nodeId.toString()}, ${String(offer.units)} units`],
      ["Price", `${formatRate(offer.ratePerSecond, token.decimals)} ${token.symbol}`],
      [
        "Deposit",
        `${formatAmount(deposit, token.decimals)} ${token.symbol}, lasts ${formatDuration(lasts)} if all is proven`,
      ],
    ],
    next: `\`order show ${orderId?.toString() ?? ""}\`, and \`order top-up ${orderId?.toString() ?? ""} ${formatAmount(deposit, token.decimals)}\` before it runs out.`,
  });
});
