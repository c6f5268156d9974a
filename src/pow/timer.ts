/** The longest delay that Node's timers take. */
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * Calls back once at a moment of the wall clock, however far off, and at once (but not synchronously) when it is past.
 *
 * @param time Milliseconds since the Unix epoch; undefined means never.
 * @returns Cancels the call.
 */
export function callAt(time: number | undefined, callback: () => void): () => void {
  if (time === undefined) return () => undefined;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const delay = time - Date.now();
    timer = delay > LONGEST_DELAY ? setTimeout(arm, LONGEST_DELAY) : setTimeout(callback, Math.max(0, delay));
  };
  arm();
  return () => {
    clearTimeout(timer);
  };
}
