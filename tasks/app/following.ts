import { once } from "node:events";

/**
 * Works until it is done, or somebody presses Ctrl-C: then the signal aborts, and what was done so far counts.
 */
export async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const [stopping, listening] = [new AbortController(), new AbortController()];
  const interrupted = once(process, "SIGINT", { signal: listening.signal }).then(
    () => {
      stopping.abort();
    },
    // The work was done first.
    () => undefined,
  );
  try {
    await work(stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    listening.abort();
    await interrupted;
  }
}
