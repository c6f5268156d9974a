import { once } from "node:events";

/** Waits until somebody asks the process to end: by Ctrl-C, or as an orchestrator does. */
export async function untilStopped(): Promise<void> {
  const listening = new AbortController();
  await Promise.race(["SIGINT", "SIGTERM"].map(async (name) => once(process, name, { signal: listening.signal })));
  listening.abort();
}
