/** The longest delay that Node's timers take. */
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * Calls back once, not before a moment of the wall clock, however far off that is. A moment that is past is answered
 * soon, but never before this function returns.
 *
 * @param time Milliseconds since the Unix epoch; undefined means never.
 * @returns Cancels the call.
 */
export function callAt(time: number | undefined, callback: () => void): () => void {
  if (time === undefined) return () => undefined;
  // Timers run by another clock and may come a little early: only the wall clock decides.
  const tick = (): void => {
    if (Date.now() >= time) callback();
    else timer = wait();
  };
  const wait = (): NodeJS.Timeout => setTimeout(tick, Math.min(LONGEST_DELAY, Math.max(0, time - Date.now())));
  let timer = wait();
  return () => {
    clearTimeout(timer);
  };
}
