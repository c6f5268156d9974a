import { setTimeout as pause } from "node:timers/promises";

import type { Logger } from "pino";

import type { UsageStore } from "./usageStore.ts";
import type { OrderName } from "../deployments/records.ts";
import type { Orchestrator, Usage } from "../orchestrator/orchestrator.ts";

/** What is sampled, and how. */
export interface SamplerParts {
  readonly orchestrator: Pick<Orchestrator, "usage">;
  readonly usage: UsageStore;
  /** Told of each sample; must not throw, and is not waited for. */
  readonly sampled: (name: OrderName, used: Usage) => void;
  /** The orders of which something may run. */
  readonly running: () => readonly OrderName[];
  /** Milliseconds between two samples; 15,000 by default. */
  readonly interval?: number;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

const INTERVAL = 15_000;

/** Samples what the orders' containers use, until the signal aborts. Never fails: what cannot be asked is asked at the next time. */
export async function runSampler(parts: SamplerParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sampleAll(parts);
    // Being told to stop is no failure.
    await pause(parts.interval ?? INTERVAL, undefined, { signal }).catch(() => undefined);
  }
}

/** Samples all orders once. Never fails. */
export async function sampleAll({ orchestrator, usage, sampled, running, now, log }: SamplerParts): Promise<void> {
  let names: readonly OrderName[] = [];
  try {
    names = running();
  } catch (error) {
    log.warn({ err: error }, "the orders to sample cannot be read");
  }
  const samples = await Promise.all(
    names.map(async (name) => {
      try {
        const used = await orchestrator.usage(name.order);
        sampled(name, used);
        return [{ name, used }];
      } catch (error) {
        log.debug({ order: name.order, err: error }, "an order's usage cannot be sampled now");
        return [];
      }
    }),
  );
  try {
    usage.addAll(samples.flat(), now());
  } catch (error) {
    log.warn({ err: error }, "usage cannot be written now");
  }
}
