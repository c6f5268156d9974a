import { readEvents } from "../chain/history.ts";
import { InputError } from "../inputError.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { DOCUMENT_NAMES, type DocumentName } from "./documents.ts";
import { caNumberOf, describeFamily, type PlatformFamily } from "./family.ts";
import { editionsOf, editionsOnChain, type Edition, type OfferedEdition } from "./held.ts";
import { issuerHeld, usualGeneration, type HeldIssuer } from "./issuers.ts";
import type { ChainPlace } from "./place.ts";

/**
 * How much later than the chain's a document that says the same must have been issued to be due: half a day, in seconds, so that a daily
 * run brings every list and text anew. A store that lags would take a list that Intel has withdrawn since.
 */
export const REDATING_INTERVAL = 43_200n;

/** How one document stands on chain. */
export interface DocumentStatus {
  readonly document: DocumentName;
  /** `missing` also for one that was revoked, or signed by a key that counts no more. */
  readonly state: "fresh" | "stale" | "missing";
  /** Unix seconds; the last one at which it holds. 0 while it is missing. */
  readonly until: bigint;
  /** Until when the source's document holds, where it is newer, as the store orders them. */
  readonly newer: bigint | undefined;
  /** Whether the newer one is to be submitted: not if it only redates one that was issued less than {@link REDATING_INTERVAL} before. */
  readonly isDue: boolean;
}

/** How a platform family's collateral stands on chain. */
export interface CollateralStatus {
  readonly family: PlatformFamily;
  /** Which of its CA's keys was looked at, as the store numbers them; 0 where the store does not have it. */
  readonly generation: number;
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
  const onlyRedates = until >= now && held?.contents === offered.contents;
  return { newer: offered.until, isDue: !onlyRedates || offered.issued >= held.issued + REDATING_INTERVAL };
}

/** The certificates of a set as the store has them, by their keys, and as editions. */
async function issuersHeld({ store }: ChainPlace, offered: Collateral, theirs: Record<DocumentName, Edition>) {
  const [pckCa, tcbSigning] = [await issuerHeld(store, offered.pckCa), await issuerHeld(store, offered.tcbSigning)];
  const edition = (held: HeldIssuer, document: "pckCa" | "tcbSigning"): Partial<Record<DocumentName, Edition>> =>
    held.generation === 0 ? {} : { [document]: { issued: held.issued, contents: theirs[document].contents } };
  return {
    generation: pckCa.generation,
    ends: { pckCa: pckCa.until, tcbSigning: tcbSigning.until },
    editions: { ...edition(pckCa, "pckCa"), ...edition(tcbSigning, "tcbSigning") },
  };
}

/**
 * Says what is on chain for a family's quotes.
 *
 * @param number The tcbEvaluationDataNumber.
 * @param now Unix seconds of the chain's clock.
 * @param offered The documents of a source, to see which of them are newer. Certificates are looked up by their keys.
 * @param wished Which of the CA's keys to look at; that of `offered`, else the newest in force, by default.
 * @throws {SgxVerificationError} where an offered document is not in Intel's form.
 */
export async function statusOf(
  place: ChainPlace,
  family: PlatformFamily,
  number: number,
  now: bigint,
  offered?: Collateral,
  wished?: number,
): Promise<CollateralStatus> {
  const theirs = offered === undefined ? undefined : editionsOf(offered);
  const issuers = offered && theirs ? await issuersHeld(place, offered, theirs) : undefined;
  const generation = wished ?? issuers?.generation ?? (await usualGeneration(place.store, family, now));
  const key = [caNumberOf(family), generation, family.fmspc, family.pceId, number] as const;
  const [health, { validUntil }, lists] = await Promise.all([
    place.store.healthOf(...key),
    place.store.collateralOf(...key),
    offered === undefined ? undefined : editionsOnChain(place, { family, generation, number }),
  ]);
  const held = { ...lists, ...issuers?.editions };
  const documents = DOCUMENT_NAMES.map((document): DocumentStatus => {
    const until = { ...documentEnds(health), ...issuers?.ends }[document];
    const change = changeBy(document, theirs?.[document], held[document], until, now);
    return { document, state: stateOf(until, now), until, ...change };
  });
  return { family, generation, number, floor: Number(health.floor), validUntil, documents };
}

/** The ends alone, out of what the contract answers. */
function documentEnds(health: Record<DocumentName, bigint>): Record<DocumentName, bigint> {
  const { rootCrl, pckCa, tcbSigning, pckCrl, tcbInfo, qeIdentity } = health;
  return { rootCrl, pckCa, tcbSigning, pckCrl, tcbInfo, qeIdentity };
}

/** Whether quotes of the family can be judged by this number now. */
export function isUsable({ validUntil, number, floor }: CollateralStatus, now: bigint): boolean {
  return number >= floor && validUntil >= now;
}

/** The tcbEvaluationDataNumbers for which the chain was given a family's TCB info, ascending. */
export async function numbersOf(place: ChainPlace, family: PlatformFamily): Promise<number[]> {
  const { store } = place;
  const events = await readEvents(place, store, store.filters.TcbInfoStored(family.fmspc, family.pceId));
  return [...new Set(events.map(({ args }) => Number(args.evaluationNumber)))].sort((a, b) => a - b);
}

/**
 * The tcbEvaluationDataNumber by which a family's quotes are judged unless somebody says which: the least one in force, because
 * a higher one may be Intel's early set, by which a platform looks worse.
 *
 * @param generation Which of its CA's keys signed the family's PCK certificates; the newest in force by default.
 * @throws {InputError} When no number is in force.
 */
export async function numberInForce(
  place: ChainPlace,
  family: PlatformFamily,
  now: bigint,
  generation?: number,
): Promise<number> {
  const numbers = await numbersOf(place, family);
  for (const number of numbers) {
    if (isUsable(await statusOf(place, family, number, now, undefined, generation), now)) return number;
  }
  const lapsed = numbers.length === 1 ? "number ? has lapsed" : "numbers ? have lapsed";
  const known = numbers.length === 0 ? "none was ever submitted" : lapsed.replace("?", numbers.join(", "));
  const remedy = "Submit fresh collateral: `collateral submit`, or give it with --collateral.";
  throw new InputError(`The chain has no collateral in force for ${describeFamily(family)}: ${known}`, remedy);
}
