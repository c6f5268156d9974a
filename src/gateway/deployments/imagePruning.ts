import { setTimeout as pause } from "node:timers/promises";

import { imagesOf } from "./images.ts";
import type { DeploymentMachine } from "./machine.ts";

/** Milliseconds between two looks at which images are needed. */
const INTERVAL = 60_000;

/** Has images removed that no deployment names any more, until the signal aborts. Never fails. */
export async function runImagePruning(machine: DeploymentMachine, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pruneImages(machine);
    // Being told to stop is no failure.
    await pause(INTERVAL, undefined, { signal }).catch(() => undefined);
  }
}

/** Has images removed once. Never fails. */
export async function pruneImages({ parts, deployments }: DeploymentMachine): Promise<void> {
  try {
    await parts.orchestrator.pruneImages([...new Set(deployments.applications().flatMap(imagesOf))]);
  } catch (error) {
    parts.log.warn({ err: error }, "images cannot be removed now");
  }
}
