import { nowOf, type PlatformContext } from "../support/context.ts";
import { isFile, readDocument } from "../support/inputs.ts";
import { checkPlace } from "../support/place.ts";
import { formatTime } from "../../src/amounts.ts";
import { offerDocument } from "../../src/documents/orders.ts";
import { InputError } from "../../src/inputError.ts";

/**
 * Refuses to write an offer over a file that is none, or over one that can still be taken: whoever holds its signature could, and without
 * the file its provider would not know.
 *
 * @throws {InputError} With what to do instead.
 */
export async function checkOverwritable(context: PlatformContext, file: string): Promise<void> {
  if (!isFile(file)) return;
  const elsewhere = "write the new one elsewhere with --out.";
  const document = readOffer(context, file, elsewhere);
  const { offer, offerHash } = document;
  const [taken, now] = await Promise.all([
    context.protocol.orderEscrow.takenOf(offer.provider, offerHash),
    nowOf(context),
  ]);
  const isSpent = taken >= BigInt(offer.volume) || offer.expiry <= now;
  if (isSpent) return;
  const left = BigInt(offer.volume) - taken;
  throw new InputError(
    `"${file}" holds an offer that can be taken until ${formatTime(offer.expiry)}, ${left.toString()} more ${left === 1n ? "time" : "times"}`,
    `Cancel it first with \`offer cancel ${file}\`, or ${elsewhere}`,
  );
}

function readOffer(context: PlatformContext, file: string, elsewhere: string) {
  try {
    const document = readDocument(file, offerDocument, "an offer");
    checkPlace(context, document, { named: document.escrow, expected: context.book.contracts.orderEscrow });
    return document;
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    const problem = `"${file}" exists, and is no offer of this deployment`;
    throw new InputError(problem, `Keep it, and ${elsewhere}`, { cause });
  }
}
