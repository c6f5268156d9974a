/** A reward period that is over. Amounts are base units of the token. */
export interface PeriodView {
  readonly period: bigint;
  /** What the validator can claim of it. */
  readonly due: bigint;
  /** Points of all validators. */
  readonly points: bigint;
  /** What is left to claim. */
  readonly pot: bigint;
}

/** What to do about rewards. */
export type RewardMove =
  | { readonly kind: "claim"; readonly periods: readonly bigint[] }
  | { readonly kind: "roll-over"; readonly period: bigint };

/**
 * Decides which periods' shares are claimed, all in one transaction, and which pots that nobody earned are passed on to the next period.
 *
 * @param least What must be due in all, so that a claim is worth its gas.
 */
export function decideRewards(periods: readonly PeriodView[], least: bigint): RewardMove[] {
  const due = periods.filter((each) => each.due > 0n);
  const sum = due.reduce((total, each) => total + each.due, 0n);
  const claim: RewardMove[] =
    due.length > 0 && sum >= least ? [{ kind: "claim", periods: due.map((each) => each.period) }] : [];
  const unearned = periods.filter(({ points, pot }) => points === 0n && pot > 0n);
  return [...claim, ...unearned.map(({ period }): RewardMove => ({ kind: "roll-over", period }))];
}
