import type { PlatformContext } from "../support/context.ts";
import { isFile, readDocument } from "../support/inputs.ts";
import { checkPlace } from "../support/place.ts";
import { formatTime } from "../../src/amounts.ts";
import { grantDocument } from "../../src/documents/tasks.ts";
import { InputError } from "../../src/inputError.ts";

/**
 * Refuses to write a signed grant over a file that is none, or over one that can still be carried.
 *
 * @param now Unix seconds of the chain's clock.
 * @throws {InputError} With what to do instead.
 */
export async function checkGrantFile(context: PlatformContext, file: string, now: bigint): Promise<void> {
  if (!isFile(file)) return;
  const elsewhere = "write the new one elsewhere with --out.";
  const { terms, nonce, deadline } = readGrant(context, file, elsewhere);
  const { nonce: next } = await context.protocol.dataGrants.getGrant(terms.datasetId, terms.nodeId);
  if (deadline < now || next !== nonce) return;
  const words = `${terms.datasetId.toString()} ${terms.nodeId.toString()}`;
  throw new InputError(
    `"${file}" holds a signed grant that can be carried until ${formatTime(deadline)}`,
    `Revoke it first with \`dataset revoke ${words}\`, or ${elsewhere}`,
  );
}

function readGrant(context: PlatformContext, file: string, elsewhere: string) {
  try {
    const document = readDocument(file, grantDocument, "a signed grant");
    checkPlace(context, document, { named: document.grants, expected: context.book.contracts.dataGrants });
    return document;
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    const problem = `"${file}" exists, and is no signed grant of this deployment`;
    throw new InputError(problem, `Keep it, and ${elsewhere}`, { cause });
  }
}
