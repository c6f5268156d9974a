const FIRST_WAIT = 1_000;
/** Milliseconds that {@link waitAfter} gives at most. */
export const LONGEST_WAIT = 60_000;

/** Milliseconds to wait before something is tried again that has failed so often before: from a second on, twice as long each time, a minute at most. */
export function waitAfter(attempts: number): number {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(attempts, 16));
}
