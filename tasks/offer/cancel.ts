import { action } from "../support/action.ts";
import { senderOf, type PlatformContext } from "../support/context.ts";
import { parseBytes32, isFile, readDocument } from "../support/inputs.ts";
import { checkPlace } from "../support/place.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { offerDocument } from "../../src/documents/orders.ts";
import { InputError } from "../../src/inputError.ts";

/** The hash of an offer, which must be the account's own if a file says whose it is: nobody else can cancel it. */
async function parseOfferHash(context: PlatformContext, offer: string): Promise<string> {
  if (!isFile(offer)) return parseBytes32(offer, "offer file or hash");
  const document = readDocument(offer, offerDocument, "an offer");
  checkPlace(context, document, { named: document.escrow, expected: context.book.contracts.orderEscrow });
  const { provider } = document.offer;
  const address = await senderOf(context);
  if (provider !== address) {
    throw new InputError(
      `The offer does not belong to ${address}`,
      `Cancel with the provider's account: --account ${provider}.`,
    );
  }
  return document.offerHash;
}

export default action(async ({ offer }: { offer: string }, context) => {
  const offerHash = await parseOfferHash(context, offer);
  const tx = () => context.protocol.orderEscrow.cancelOffer.populateTransaction(offerHash);
  const sent = await transact(context, [{ title: "Cancel the offer", tx }]);
  return sentOutcome(sent, {
    data: { offerHash },
    rows: [["Cancelled", offerHash]],
    next: "a new one: `offer sign --help`.",
  });
});
