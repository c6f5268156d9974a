import { word } from "../support/command.ts";
import type { PlatformContext } from "../support/context.ts";
import { isFile, parseId, readDocument } from "../support/inputs.ts";
import { checkPlace } from "../support/place.ts";
import { formatTime } from "../../src/amounts.ts";
import { grantDocument, type GrantDocument } from "../../src/documents/tasks.ts";
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
  const { terms, nonce, deadline } = readOld(context, file, elsewhere);
  const { nonce: next } = await context.protocol.dataGrants.getGrant(terms.datasetId, terms.nodeId);
  if (deadline < now || next !== nonce) return;
  throw new InputError(
    `"${file}" holds a signed grant that can be carried until ${formatTime(deadline)}`,
    `Revoke it first with \`dataset revoke --grant ${word(file)}\`, or ${elsewhere}`,
  );
}

/**
 * Reads a signed grant of this deployment.
 *
 * @param named The dataset and the node as people typed them, where they did.
 * @throws {InputError} When it is none, is for another chain or deployment, or for others than were named.
 */
export function readNamedGrant(
  context: PlatformContext,
  file: string,
  named: { readonly dataset: string | undefined; readonly node: string | undefined },
): GrantDocument {
  const document = readGrant(context, file);
  const { datasetId, nodeId } = document.terms;
  for (const [what, text, actual] of [
    ["dataset", named.dataset, datasetId],
    ["node", named.node, nodeId],
  ] as const) {
    if (text === undefined || parseId(text, what) === actual) continue;
    const remedy = "Name the one in the file, or leave it out.";
    throw new InputError(`The grant in the file is for ${what} ${actual.toString()}, not ${text}`, remedy);
  }
  return document;
}

function readGrant(context: PlatformContext, file: string): GrantDocument {
  const document = readDocument(file, grantDocument, "a signed grant");
  checkPlace(context, document, { named: document.grants, expected: context.book.contracts.dataGrants });
  return document;
}

function readOld(context: PlatformContext, file: string, elsewhere: string): GrantDocument {
  try {
    return readGrant(context, file);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    const problem = `"${file}" exists, and is no signed grant of this deployment`;
    throw new InputError(problem, `Keep it, and ${elsewhere}`, { cause });
  }
}
