import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { prepareFolder, removeStale } from "./place.ts";
import type { DoorWork } from "./proxyWorker.ts";
import { InputError } from "../../inputError.ts";

/** Source files start the worker's source, compiled files its compiled form. */
const WORKER_FILE = new URL(import.meta.url.endsWith(".ts") ? "./proxyWorker.ts" : "./proxyWorker.js", import.meta.url);

/**
 * Serves a personal proxy at a Unix socket, on a thread of its own: whatever is asked there keeps nothing else waiting.
 *
 * @param work Its `door` is to be in a folder that nobody else can use; the folder is made if it is missing.
 * @returns What ends it.
 * @throws {InputError} When the socket cannot be there.
 */
export async function openProxyDoor(work: DoorWork): Promise<() => Promise<void>> {
  prepareFolder(work.door);
  await removeStale(work.door);
  const worker = new Worker(WORKER_FILE, { workerData: work });
  const [code] = (await once(worker, "message")) as [string | null];
  const close = async (): Promise<void> => {
    await worker.terminate();
    await removeStale(work.door);
  };
  if (code === null) return close;
  await worker.terminate();
  throw new InputError(`Nothing can listen at "${work.door}" (${code})`, "Stop the other one, or name another path.");
}
