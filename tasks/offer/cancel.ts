import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { offerDocument } from "../support/documents.ts";
import { bytes32Of, isFile, readDocument } from "../support/inputs.ts";
import { checkPlace } from "../support/place.ts";
import { sentOutcome, transact } from "../support/transact.ts";

function hashOf(context: PlatformContext, offer: string): string {
  if (!isFile(offer)) return bytes32Of(offer, "offer file or hash");
  const document = readDocument(offer, offerDocument, "an offer");
  checkPlace(context, document, { named: document.escrow, expected: context.book.contracts.orderEscrow });
  return document.offerHash;
}

export default action(async ({ offer }: { offer: string }, context) => {
  const offerHash = hashOf(context, offer);
  const tx = context.protocol.orderEscrow.cancelOffer.populateTransaction(offerHash);
  const sent = await transact(context, [{ title: "Cancel the offer", tx }]);
  return sentOutcome(sent, { data: { offerHash }, rows: [["Cancelled", offerHash]], next: "`offer sign NODE` for a new one." });
});
