import type { TypedDataDomain } from "ethers";

import { signatureBy } from "../../eip712/signatureForm.ts";
import { verdictDigest, type TaskVerdict } from "../../eip712/task.ts";
import { vouchDigest } from "../../eip712/vouch.ts";
import { enumNumber } from "../../enums.ts";
import {
  claimsOfVerdict,
  claimsOfVouch,
  importJournals,
  signerIn,
  type Claim,
  type Entry,
  type Imported,
  type Journal,
} from "../../journal/index.ts";
import type { Statements } from "../api/forms.ts";
import type { ValidatorClient } from "../client.ts";
import type { VerdictStatement } from "../store/verdicts.ts";

/** Whose statements, and in which domains. */
export interface OwnSeat {
  readonly address: string;
  /** The keys that it signs with, or has signed with before, as far as they are known now; the account's own counts without being among them. */
  readonly keys?: () => readonly string[];
  readonly domains: { readonly quotes: TypedDataDomain; readonly tasks: TypedDataDomain };
}

/** So many pages are asked for in one go, and no more after so many milliseconds: one who never comes to an end holds up nothing. */
const [MOST_PAGES, LONGEST] = [200, 10_000] as const;

/** A verdict as it is signed. */
export function taskVerdictOf({ verdict, ...statement }: VerdictStatement): TaskVerdict {
  return { ...statement, verdict: enumNumber("TaskStatus", verdict) };
}

/** Whether a signature over a digest is a seat's own: of one of its keys, or of its account. */
export function isOwn(
  { address, keys = () => [] }: Pick<OwnSeat, "address" | "keys">,
  digest: string,
  signature: string,
) {
  return [address, ...keys()].some((key) => signatureBy(key, digest, signature) !== undefined);
}

/** What of a page of statements a seat has really signed, as entries of its journal. */
export function entriesOf({ vouches, verdicts }: Statements, seat: OwnSeat, since: string): Entry[] {
  const { address, domains } = seat;
  const entry = (domain: TypedDataDomain) => (claim: Claim) => ({ ...signerIn(domain, address), ...claim, since });
  const vouched = vouches
    .filter(({ signature, ...vouch }) => isOwn(seat, vouchDigest(domains.quotes, vouch), signature))
    .flatMap((vouch) => claimsOfVouch(vouch).map(entry(domains.quotes)));
  const judged = verdicts
    .map(({ signature, ...statement }) => ({ signature, verdict: taskVerdictOf(statement) }))
    .filter(({ signature, verdict }) => isOwn(seat, verdictDigest(domains.tasks, verdict), signature))
    .flatMap(({ verdict }) => claimsOfVerdict(verdict).map(entry(domains.tasks)));
  return [...vouched, ...judged];
}

/** What came of asking one validator. */
export interface Recovered extends Imported {
  /** Where the next question begins. */
  readonly next: number;
  /** Whether that was all: where it was not, more of the same comes with the next question. */
  readonly isWhole: boolean;
}

/**
 * Takes into the journal what another validator has of this seat's own signatures: those that a journal from an older copy lacks, and those that
 * another process made with the same key. What this seat has not signed does not count.
 *
 * @param after Where the last question ended; 0 at first.
 * @throws {ValidatorError} Where the other one does not answer.
 */
export async function recoverFrom(
  client: Pick<ValidatorClient, "statements">,
  journal: Journal,
  seat: OwnSeat,
  after: number,
  signal?: AbortSignal,
): Promise<Recovered> {
  return recoverPages(journal, after, async (next) => {
    const statements = await client.statements(seat.address, next, signal);
    return { entries: entriesOf(statements, seat, new Date().toISOString()), next: statements.next };
  });
}

/** A page of what a seat has signed, as entries of its journal. */
export interface EntryPage {
  readonly entries: readonly Entry[];
  /** Where the next one begins; undefined on the last one. */
  readonly next: number | undefined;
}

/**
 * Takes page after page into the journal, as many as there is time for. What was taken in before something failed is told, since it is known the
 * next time; the failure comes again then, where it lasts.
 */
export async function recoverPages(
  journal: Journal,
  after: number,
  pageAt: (next: number) => Promise<EntryPage>,
): Promise<Recovered> {
  let [next, isWhole] = [after, false];
  const began = performance.now();
  const taken: Imported[] = [];
  try {
    for (let page = 0; page < MOST_PAGES && !isWhole && performance.now() - began < LONGEST; page++) {
      const { entries, next: following } = await pageAt(next);
      for (const entry of entries) {
        taken.push(importJournals(journal, { kind: "signing-journal", version: 1, entries: [entry] }));
      }
      isWhole = following === undefined || following <= next;
      if (following !== undefined) next = Math.max(next, following);
    }
  } catch (error) {
    if (taken.every(({ added, contradictions }) => added + contradictions.length === 0)) throw error;
  }
  const sum = (of: (each: Imported) => number): number => taken.reduce((count, each) => count + of(each), 0);
  const contradictions = taken.flatMap((each) => each.contradictions);
  return { added: sum(({ added }) => added), known: sum(({ known }) => known), contradictions, next, isWhole };
}
