import { once } from "node:events";

import type { Logger } from "pino";

const broken = new AbortController();
/** Aborted once a service's own work in this process has ended by a failure: nothing else begins it again, so that the process has to end. */
export const brokenWork: AbortSignal = broken.signal;

/**
 * Starts a service's work that goes on by itself; `stop` tells it to end and waits until it has. Where it fails, that is logged and the service is
 * told to end, see {@link brokenWork}: whoever supervises it starts it again.
 */
export function inBackground(
  work: (signal: AbortSignal) => Promise<unknown>,
  log: Logger,
): { readonly stop: () => Promise<void> } {
  const [stopping, ended] = [new AbortController(), new AbortController()];
  void work(stopping.signal)
    .catch((error: unknown) => {
      log.fatal({ err: error }, "the service's own work has ended");
      if (!stopping.signal.aborted) broken.abort();
    })
    .finally(() => {
      ended.abort();
    });
  return {
    stop: async () => {
      stopping.abort();
      if (!ended.signal.aborted) await once(ended.signal, "abort");
    },
  };
}
