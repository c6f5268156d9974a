import type { Orchestrator } from "./orchestrator.ts";

/** Told around what changes where an order's application is reached. */
export interface ChangeWatcher {
  /** Does the work; while it goes on, nothing is remembered of the order, and nothing is reached where `isEnding`. */
  changing<T>(order: number, isEnding: boolean, work: () => Promise<T>): Promise<T>;
}

/** An orchestrator whose changes somebody is told of. */
export function watched(orchestrator: Orchestrator, watcher: ChangeWatcher): Orchestrator {
  return {
    kind: orchestrator.kind,
    check: async () => orchestrator.check(),
    resolveImage: async (reference, budget) => orchestrator.resolveImage(reference, budget),
    hasRoom: async () => orchestrator.hasRoom(),
    pruneImages: async (named) => orchestrator.pruneImages(named),
    apply: async (deployment, secrets) =>
      watcher.changing(deployment.order, false, async () => orchestrator.apply(deployment, secrets)),
    status: async (order) => orchestrator.status(order),
    endpoints: async (order) => orchestrator.endpoints(order),
    logs: (order, query) => orchestrator.logs(order, query),
    events: async (order, after) => orchestrator.events(order, after),
    usage: async (order) => orchestrator.usage(order),
    stop: async (order) => watcher.changing(order, true, async () => orchestrator.stop(order)),
    remove: async (order, options) => watcher.changing(order, true, async () => orchestrator.remove(order, options)),
    list: async () => orchestrator.list(),
    close: async () => orchestrator.close(),
  };
}
