/** How many standard deviations hits may be behind what attempts would have brought: 1 in 10^12 honest searches is. */
const DEVIATIONS = 7;

/** The chance that a hash is at most a target, given by its top 64 bits. */
export const chanceOf = (targetTop: bigint): number => (Number(targetTop) + 1) / 2 ** 64;

/**
 * Whether so many hits may come of attempts that were really made.
 *
 * @param found Hits that were computed again.
 * @param expected How many the attempts bring on average.
 */
export const isBelievable = (found: number, expected: number): boolean =>
  found >= expected - DEVIATIONS * Math.sqrt(expected);
