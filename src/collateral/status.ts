import type { ICollateralStore } from "../bindings.ts";
import { InputError } from "../inputError.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { DOCUMENT_NAMES, validitiesOf, type DocumentName } from "./documents.ts";
import { caNumberOf, describeFamily, type PlatformFamily } from "./family.ts";

/** Where collateral is on chain. */
export interface ChainPlace {
  readonly store: ICollateralStore;
  /** The block before which the store has no events. */
  readonly fromBlock: number;
}

/** How one document stands on chain. */
export interface DocumentStatus {
  readonly document: DocumentName;
  /** `missing` also for one that was revoked, or signed by a key that counts no more. */
  readonly state: "fresh" | "stale" | "missing";
  /** Unix seconds; the last one at which it holds. 0 while it is missing. */
  readonly until: bigint;
  /** Until when the source's document holds, where that is longer. */
  readonly newer: bigint | undefined;
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

/**
 * Says what is on chain for a family's quotes.
 *
 * @param number The tcbEvaluationDataNumber.
 * @param now Unix seconds.
 * @param offered What a source has, to tell what is newer there.
 */
export async function statusOf(
  { store }: Pick<ChainPlace, "store">,
  family: PlatformFamily,
  number: number,
  now: bigint,
  offered?: Collateral,
): Promise<CollateralStatus> {
  const key = [caNumberOf(family), family.fmspc, family.pceId, number] as const;
  const [health, { validUntil }] = await Promise.all([store.healthOf(...key), store.collateralOf(...key)]);
  const ends = offered === undefined ? undefined : validitiesOf(offered);
  const documents = DOCUMENT_NAMES.map((document): DocumentStatus => {
    const until = health[document];
    const theirs = ends?.[document].until;
    return {
      document,
      state: until === 0n ? "missing" : until < now ? "stale" : "fresh",
      until,
      newer: theirs !== undefined && theirs > until ? theirs : undefined,
    };
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
 * @throws {InputError} When there is none in force.
 */
export async function numberInForce(place: ChainPlace, family: PlatformFamily, now: bigint): Promise<number> {
  const numbers = await numbersOf(place, family);
  for (const number of numbers) {
    if (isUsable(await statusOf(place, family, number, now), now)) return number;
  }
  const known = numbers.length === 0 ? "none was ever submitted" : `numbers ${numbers.join(", ")} have lapsed`;
  const remedy = "Submit fresh collateral: `collateral submit`, or give it with --collateral.";
  throw new InputError(`The chain has no collateral in force for ${describeFamily(family)}: ${known}`, remedy);
}
