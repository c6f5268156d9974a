import { once } from "node:events";

import type { Logger } from "pino";

/** Starts a service's work that goes on by itself; `stop` tells it to end and waits until it has. */
export function inBackground(
  work: (signal: AbortSignal) => Promise<unknown>,
  log: Logger,
): { readonly stop: () => Promise<void> } {
  const [stopping, ended] = [new AbortController(), new AbortController()];
  void work(stopping.signal)
    .catch((error: unknown) => {
      log.fatal({ err: error }, "the service's own work has ended");
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
