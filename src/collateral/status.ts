import { InputError } from "../inputError.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { DOCUMENT_NAMES, type DocumentName } from "./documents.ts";
import { caNumberOf, describeFamily, type PlatformFamily } from "./family.ts";
import { editionsOf, editionsOnChain, type Edition, type OfferedEdition } from "./held.ts";
import type { ChainPlace } from "./place.ts";

/**
 * How long before a document's end one that says the same, and is only dated later, is due: 7 days, in seconds. Earlier it would change
 * nothing for the quotes, and cost gas.
 */
export const REDATING_LEAD = 7n * 86_400n;

/** How one document stands on chain. */
export interface DocumentStatus {
  readonly document: DocumentName;
  /** `missing` also for one that was revoked, or signed by a key that counts no more. */
  readonly state: "fresh" | "stale" | "missing";
  /** Unix seconds; the last one at which it holds. 0 while it is missing. */
  readonly until: bigint;
  /** Until when the source's document holds, where it is newer, as the store orders them. */
  readonly newer: bigint | undefined;
  /** Whether the newer one is to be submitted: not while it only redates what is valid for {@link REDATING_LEAD} longer. */
  readonly isDue: boolean;
}

/** How a platform family's collateral stands on chain. */
export interface CollateralStatus {
  readonly family: PlatformFamily;
  /** The tcbEvaluationDataNumber that was looked at. */
  readonly number: number;
  /** The least number that counts. */
  readonly floor: number;
  /** Unix seconds at which the first document lapses; 0 while quotes cannot be judged by this number. */
  readonly validUntil: bigint;
  readonly documents: readonly DocumentStatus[];
}

/** Whether the store would take a document for newer than the one that it holds until a second. */
function isNewer(
  document: DocumentName,
  offered: OfferedEdition,
  held: Edition | undefined,
  until: bigint,
  now: bigint,
): boolean {
  if (until === 0n) return true;
  const isCertificate = document === "pckCa" || document === "tcbSigning";
  // A certificate that has lapsed gives way to any; and where the history shows none, the ends are all there is to go by.
  if (held === undefined || (isCertificate && until < now)) return offered.until > until;
  if (offered.issued !== held.issued) return offered.issued > held.issued;
  return isCertificate && offered.contents === held.contents && offered.until > until;
}

function stateOf(until: bigint, now: bigint): DocumentStatus["state"] {
  if (until === 0n) return "missing";
  return until < now ? "stale" : "fresh";
}

/** What a source's document would change on chain, where one holds until a second. */
function changeBy(
  document: DocumentName,
  offered: OfferedEdition | undefined,
  held: Edition | undefined,
  until: bigint,
  now: bigint,
): Pick<DocumentStatus, "newer" | "isDue"> {
  if (offered === undefined || !isNewer(document, offered, held, until, now)) {
    return { newer: undefined, isDue: false };
  }
  const onlyRedates = until !== 0n && held?.contents === offered.contents;
  return { newer: offered.until, isDue: !onlyRedates || until < now + REDATING_LEAD };
}

/**
 * Says what is on chain for a family's quotes.
 *
 * @param number The tcbEvaluationDataNumber.
 * @param now Unix seconds of the chain's clock.
 * @param offered The documents of a source, to see which of them are newer.
 * @throws {SgxVerificationError} where an offered document is not in Intel's form.
 */
export async function statusOf(
  place: ChainPlace,
  family: PlatformFamily,
  number: number,
  now: bigint,
  offered?: Collateral,
): Promise<CollateralStatus> {
  const key = [caNumberOf(family), family.fmspc, family.pceId, number] as const;
  const [health, { validUntil }, held] = await Promise.all([
    place.store.healthOf(...key),
    place.store.collateralOf(...key),
    offered === undefined ? undefined : editionsOnChain(place, family, number),
  ]);
  const theirs = offered === undefined ? undefined : editionsOf(offered);
  const documents = DOCUMENT_NAMES.map((document): DocumentStatus => {
    const until = health[document];
    const change = changeBy(document, theirs?.[document], held?.[document], until, now);
    return { document, state: stateOf(until, now), until, ...change };
  });
  return { family, number, floor: Number(health.floor), validUntil, documents };
}

/** Whether quotes of the family can be judged by this number now. */
export function isUsable({ validUntil, number, floor }: CollateralStatus, now: bigint): boolean {
  return number >= floor && validUntil >= now;
}

/** The tcbEvaluationDataNumbers for which the chain was given a family's TCB info, ascending. */
export async function numbersOf({ store, fromBlock }: ChainPlace, family: PlatformFamily): Promise<number[]> {
  const filter = store.filters.TcbInfoStored(family.fmspc, family.pceId);
  const events = await store.queryFilter(filter, fromBlock);
  return [...new Set(events.map(({ args }) => Number(args.evaluationNumber)))].sort((a, b) => a - b);
}

/**
 * The tcbEvaluationDataNumber by which a family's quotes are judged unless somebody says which: the least one in force, because
 * a higher one may be Intel's early set, by which a platform looks worse.
 *
 * @throws {InputError} When no number is in force.
 */
export async function numberInForce(place: ChainPlace, family: PlatformFamily, now: bigint): Promise<number> {
  const numbers = await numbersOf(place, family);
  for (const number of numbers) {
    if (isUsable(await statusOf(place, family, number, now), now)) return number;
  }
  const lapsed = numbers.length === 1 ? "number ? has lapsed" : "numbers ? have lapsed";
  const known = numbers.length === 0 ? "none was ever submitted" : lapsed.replace("?", numbers.join(", "));
  const remedy = "Submit fresh collateral: `collateral submit`, or give it with --collateral.";
  throw new InputError(`The chain has no collateral in force for ${describeFamily(family)}: ${known}`, remedy);
}
