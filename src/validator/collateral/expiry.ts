import { formatTime } from "../../amounts.ts";
import { describeFamily, type PlatformFamily } from "../../collateral/family.ts";
import type { ChainPlace } from "../../collateral/place.ts";
import { numbersOf, statusOf } from "../../collateral/status.ts";
import type { Alarm } from "../../service/alarms.ts";

/** Seconds before it lapses from which on it is alarmed: Intel's documents hold for 30 days, so that somebody has failed for weeks by then. */
const SOON = 3n * 86_400n;

/** Until when quotes of a family can be judged on chain, by the set that lasts longest: Unix seconds, 0 where there is none. */
export async function judgeableUntil(place: ChainPlace, family: PlatformFamily, now: bigint): Promise<bigint> {
  const numbers = await numbersOf(place, family);
  const all = await Promise.all(numbers.map(async (number) => statusOf(place, family, number, now)));
  const ends = all.filter(({ number, floor }) => number >= floor).map(({ validUntil }) => validUntil);
  return ends.reduce((latest, end) => (end > latest ? end : latest), 0n);
}

/** What is to be told of a family whose collateral lapses at a second; undefined where there is time. */
export function expiryAlarm(family: PlatformFamily, until: bigint, now: bigint): Alarm | undefined {
  if (until - now > SOON) return undefined;
  const about = describeFamily(family);
  const lapses = until === 0n ? "is missing" : `${until < now ? "lapsed" : "lapses"} at ${formatTime(until)}`;
  return {
    code: "collateral-expiring",
    severity: until < now ? "critical" : "warning",
    about,
    problem: `The chain's collateral of ${about} ${lapses}: then no quote of such a platform can be judged on chain`,
    remedy:
      "`collateral status` says which document; see that `collateral.source` has newer ones, or submit them: `collateral submit`.",
  };
}
