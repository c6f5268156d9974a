import type { TypedDataDomain } from "ethers";

import { isOwn, recoverPages, type OwnSeat, type Recovered } from "./ownStatements.ts";
import { viewDigest } from "../../eip712/view.ts";
import { claimsOfView, signerIn, type Entry, type Journal } from "../../journal/index.ts";
import type { ValidatorClient } from "../client.ts";
import type { ViewStatements } from "../views/forms.ts";

/** Whose blocks, and in which domain they are signed. */
export interface OwnViews extends Pick<OwnSeat, "address" | "keys"> {
  /** That of ViewJudge. */
  readonly domain: TypedDataDomain;
}

/** What of a page of blocks a seat has really signed, as entries of its journal. */
function entriesOf({ views }: ViewStatements, own: OwnViews, since: string): Entry[] {
  const { address, domain } = own;
  return views
    .filter(({ signature, ...view }) => isOwn(own, viewDigest(domain, view), signature))
    .flatMap((view) => claimsOfView(view).map((claim) => ({ ...signerIn(domain, address), ...claim, since })));
}

/**
 * Takes into the journal the blocks that another validator has with this seat's own signature: those that a journal from an older copy lacks,
 * and those that another process signed with the same key.
 *
 * @param after Where the last question ended; 0 at first.
 * @throws {ValidatorError} Where the other one does not answer.
 */
export async function recoverViewsFrom(
  client: Pick<ValidatorClient, "viewStatements">,
  journal: Journal,
  own: OwnViews,
  after: number,
  signal?: AbortSignal,
): Promise<Recovered> {
  return recoverPages(journal, after, async (next) => {
    const statements = await client.viewStatements(own.address, next, signal);
    return { entries: entriesOf(statements, own, new Date().toISOString()), next: statements.next };
  });
}
