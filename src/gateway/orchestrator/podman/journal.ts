import type { OrchestratorEvent } from "../orchestrator.ts";

/** The most events of an order that are kept; older ones go. */
const MOST = 500;

/** What has happened to each order's application since the gateway started. */
export class Journal {
  readonly #events = new Map<number, OrchestratorEvent[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Writes something down; what repeats itself at once is written once. */
  add(order: number, workload: string, kind: OrchestratorEvent["kind"], reason: string, detail: string): void {
    const events = this.#events.get(order) ?? [];
    const last = events.at(-1);
    if (last?.workload === workload && last.reason === reason && last.detail === detail) return;
    events.push({ time: this.#now(), workload, kind, reason, detail });
    this.#events.set(order, events.slice(-MOST));
  }

  after(order: number, time: number): readonly OrchestratorEvent[] {
    return (this.#events.get(order) ?? []).filter((event) => event.time > time);
  }

  forget(order: number): void {
    this.#events.delete(order);
  }
}
