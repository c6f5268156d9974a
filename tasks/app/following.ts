/**
 * Works until it is done, or somebody presses Ctrl-C: then the signal aborts, and what was done so far counts.
 *
 * @returns Whether somebody did.
 */
export async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  const stopping = new AbortController();
  const stop = (): void => {
    stopping.abort();
  };
  process.once("SIGINT", stop);
  try {
    await work(stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    process.off("SIGINT", stop);
  }
  return stopping.signal.aborted;
}
