import { once } from "node:events";

import { brokenWork } from "./background.ts";

/** The exit code of a process whose own work has failed, and the milliseconds that it has then to end in order. */
const [FAILED, LONGEST] = [1, 30_000] as const;

/**
 * Waits until somebody asks the process to end, by Ctrl-C or as an orchestrator does, or until a service's own work in it has failed. Then the
 * process ends with a code that says so, and by itself where what is open does not let it.
 */
export async function untilStopped(): Promise<void> {
  const listening = new AbortController();
  const { signal } = listening;
  await Promise.race([
    ...["SIGINT", "SIGTERM"].map(async (name) => once(process, name, { signal })),
    brokenWork.aborted ? undefined : once(brokenWork, "abort", { signal }),
  ]);
  listening.abort();
  if (!brokenWork.aborted) return;
  process.exitCode = FAILED;
  setTimeout(() => process.exit(), LONGEST).unref();
}
