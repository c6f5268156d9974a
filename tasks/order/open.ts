import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { amountIn, newId } from "../support/events.ts";
import { wordsOf } from "./words.ts";
import { fetchedOffer, type FetchedOfferArguments } from "./fetchedOffer.ts";
import { readDocument } from "../support/inputs.ts";
import { checkPlace } from "../support/place.ts";
import { spend } from "../support/token.ts";
import { sentOutcome } from "../support/transact.ts";
import { formatAmount, formatDuration, formatRate, formatUnits, parseAmount, secondsFor } from "../../src/amounts.ts";
import { offerDocument, type OfferDocument } from "../../src/documents/orders.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments extends FetchedOfferArguments {
  readonly deposit: string;
  readonly offer: string | undefined;
  readonly onChainOnly: boolean;
}

/** The offer in the file that was named, or the one that the node's gateway hands out. */
async function offerFor(args: Arguments, context: PlatformContext): Promise<OfferDocument> {
  if (args.offer === undefined) return fetchedOffer(args, context);
  if (args.node !== undefined) {
    throw new InputError(
      "Both --offer and --node were given",
      "Give the file of an offer, or the node to fetch one from.",
    );
  }
  const document = readDocument(args.offer, offerDocument, "an offer");
  checkPlace(context, document, { named: document.escrow, expected: context.book.contracts.orderEscrow });
  return document;
}

export default action(async (args: Arguments, context) => {
  const { protocol, book, token } = context;
  const { orderEscrow } = protocol;
  const { offer, signature, offerHash } = await offerFor(args, context);
  const amount = parseAmount(args.deposit, token.decimals);
  const sent = await spend(context, {
    title: "Open the order",
    terms: wordsOf(offer, token, { deposit: amount }),
    spender: book.contracts.orderEscrow,
    amount,
    plain: () => orderEscrow.open.populateTransaction(offer, signature, amount, args.onChainOnly),
    withPermit: (permit) =>
      orderEscrow.openWithPermit.populateTransaction(offer, signature, amount, args.onChainOnly, permit),
  });
  const orderId = newId(sent, orderEscrow, "OrderOpened", "orderId");
  const deposit = amountIn(sent, orderEscrow, { name: "OrderOpened", argument: "deposit" }, amount);
  const lasts = secondsFor(deposit, offer.ratePerSecond);
  return sentOutcome(sent, {
    data: { ...(orderId === undefined ? {} : { orderId }), offerHash, nodeId: offer.nodeId, deposit, lasts },
    rows: [
      ["Order", orderId === undefined ? "a new one" : orderId.toString()],
      ["Node", `${offer.nodeId.toString()}, ${formatUnits(offer.units)}`],
      ["Price", `${formatRate(offer.ratePerSecond, token.decimals)} ${token.symbol}`],
      [
        "Deposit",
        `${formatAmount(deposit, token.decimals)} ${token.symbol}, lasts ${formatDuration(lasts)} if all is proven`,
      ],
    ],
    next: `\`order show ${orderId?.toString() ?? ""}\`, and \`order top-up ${orderId?.toString() ?? ""} ${formatAmount(deposit, token.decimals)}\` before it runs out.`,
  });
});
