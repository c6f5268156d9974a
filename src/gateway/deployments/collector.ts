import { setTimeout as pause } from "node:timers/promises";

import { Gathering, Pace, type Gathered } from "./gathering.ts";
import type { HostedOrder } from "./hosting.ts";
import type { LogStore } from "./logStore.ts";
import type { DeploymentMachine } from "./machine.ts";
import { OrchestratorError } from "../orchestrator/orchestrator.ts";

/** Milliseconds between two looks at which orders there are, and at the driver's events. */
const INTERVAL = 2_000;
/** Milliseconds for which lines are gathered before they are written together. */
const GATHER = 200;

/** How lines and events are collected. */
export interface CollectorOptions {
  /** Milliseconds between two looks; 2,000 by default. */
  readonly interval?: number;
  /** Milliseconds for which lines are gathered; 200 by default. */
  readonly gather?: number;
}

/**
 * Takes over what containers write and what their engine tells of them, so that both can be read from where one left off, and after the
 * application is gone.
 */
export class Collector {
  readonly #machine: DeploymentMachine;
  readonly #logs: LogStore;
  readonly #interval: number;
  readonly #gathering: Gathering;
  /** Orders whose lines are being followed. */
  readonly #following = new Map<string, AbortController>();

  constructor(
    machine: DeploymentMachine,
    logs: LogStore,
    { interval = INTERVAL, gather = GATHER }: CollectorOptions = {},
  ) {
    this.#machine = machine;
    this.#logs = logs;
    this.#interval = interval;
    this.#gathering = new Gathering(gather, (all) => {
      this.#write(all);
    });
  }

  /** Collects until the signal aborts. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look(signal);
      // Being told to stop is no failure.
      await pause(this.#interval, undefined, { signal }).catch(() => undefined);
    }
    this.#restart();
    this.#gathering.flush();
  }

  /** Ends all following; the next look begins where what was written ends. */
  #restart(): void {
    for (const follower of this.#following.values()) follower.abort();
  }

  /** Writes lines down. What cannot be written is read again. Never fails. */
  #write(all: readonly Gathered[]): void {
    const { parts } = this.#machine;
    try {
      parts.database.transaction(() => {
        for (const { name, lines } of all) this.#logs.append(name, lines);
      });
    } catch (error) {
      parts.log.warn({ err: error }, "logs cannot be written now; they are read again");
      this.#restart();
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    try {
      // Where reading goes on is what was written last.
      this.#gathering.flush();
      const hosted = this.#machine.hosting.all().filter((each) => this.#runs(each));
      const names = new Set(hosted.map(nameOf));
      for (const [name, follower] of this.#following) if (!names.has(name)) follower.abort();
      for (const each of hosted) if (!this.#following.has(nameOf(each))) void this.#follow(each, signal);
      await Promise.all(hosted.map(async (each) => this.#takeEvents(each)));
    } catch (error) {
      this.#machine.parts.log.warn({ err: error }, "logs cannot be collected now");
    }
  }

  /** Whether something of an order may run. */
  #runs(hosted: HostedOrder): boolean {
    if (hosted.phase === "stopped") return false;
    const state = this.#machine.deployments.newest(hosted)?.state;
    return state !== undefined && state !== "removed";
  }

  /** Takes over an order's lines until the engine gives no more, or it is told to stop. Never fails. */
  async #follow(hosted: HostedOrder, signal: AbortSignal): Promise<void> {
    const follower = new AbortController();
    this.#following.set(nameOf(hosted), follower);
    try {
      await this.#takeLines(hosted, AbortSignal.any([signal, follower.signal]));
    } catch (error) {
      // Whoever is told to stop while it rests has not failed.
      if (!follower.signal.aborted && !signal.aborted) this.#failed(hosted, error);
    } finally {
      this.#following.delete(nameOf(hosted));
    }
  }

  async #takeLines(hosted: HostedOrder, signal: AbortSignal): Promise<void> {
    const pace = new Pace();
    const { logCursor } = hosted;
    const query = { follow: true, signal, ...(logCursor === undefined ? {} : { after: logCursor }) };
    for await (const line of this.#machine.parts.orchestrator.logs(hosted.order, query)) {
      if (signal.aborted) return;
      this.#gathering.add(hosted, line);
      const rest = pace.count(line, this.#following.size);
      if (rest > 0) await pause(rest, undefined, { signal });
    }
  }

  #failed(hosted: HostedOrder, error: unknown): void {
    const { parts, hosting } = this.#machine;
    parts.log.warn({ order: hosted.order, err: error }, "an order's logs are read again from where they were left");
    // A cursor that the driver does not know any more would fail for ever.
    if (!(error instanceof OrchestratorError) || error.code !== "refused") return;
    try {
      hosting.keepLogCursor(hosted, undefined);
    } catch {
      // The next look finds it again.
    }
  }

  /** Takes over what the engine tells of an order. Never fails. */
  async #takeEvents(hosted: HostedOrder): Promise<void> {
    const { parts, hosting, events } = this.#machine;
    try {
      const found = await parts.orchestrator.events(hosted.order, hosted.eventsUntil);
      if (found.length === 0) return;
      parts.database.transaction(() => {
        for (const { time, workload, kind, reason, detail } of found) {
          events.append(hosted, { time, workload, kind, reason, detail });
        }
        hosting.keepEventsUntil(hosted, Math.max(...found.map(({ time }) => time)));
      });
    } catch (error) {
      parts.log.debug({ order: hosted.order, err: error }, "an order's events cannot be read now");
    }
  }
}

const nameOf = ({ order, terms }: HostedOrder): string => `${String(order)} ${terms}`;
