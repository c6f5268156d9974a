import { setTimeout as pause } from "node:timers/promises";

import type { HostedOrder } from "./hosting.ts";
import type { LogStore } from "./logStore.ts";
import type { DeploymentMachine } from "./machine.ts";
import { OrchestratorError, type LogLine } from "../orchestrator/orchestrator.ts";

/** Milliseconds between two looks at which orders there are, and at the driver's events. */
const INTERVAL = 2_000;
/** Milliseconds for which lines are gathered before they are written together. */
const GATHER = 200;
/** So many lines are written together at most. */
const BATCH = 500;
/** Milliseconds to rest after a full batch, so that no application's chatter keeps the gateway from its other work. */
const REST = 20;

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
  readonly #options: CollectorOptions;
  /** Orders whose lines are being followed. */
  readonly #following = new Map<string, AbortController>();

  constructor(machine: DeploymentMachine, logs: LogStore, options: CollectorOptions = {}) {
    this.#machine = machine;
    this.#logs = logs;
    this.#options = options;
  }

  /** Collects until the signal aborts. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look(signal);
      // Being told to stop is no failure.
      await pause(this.#options.interval ?? INTERVAL, undefined, { signal }).catch(() => undefined);
    }
    for (const follower of this.#following.values()) follower.abort();
  }

  async #look(signal: AbortSignal): Promise<void> {
    try {
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
    const lines = new Lines((batch) => {
      this.#logs.append(hosted, batch);
    }, this.#options.gather ?? GATHER);
    try {
      await this.#takeLines(hosted, lines, AbortSignal.any([signal, follower.signal]));
    } catch (error) {
      this.#failed(hosted, error);
    } finally {
      lines.close();
      this.#following.delete(nameOf(hosted));
    }
  }

  async #takeLines(hosted: HostedOrder, lines: Lines, signal: AbortSignal): Promise<void> {
    const { logCursor } = hosted;
    const query = { follow: true, signal, ...(logCursor === undefined ? {} : { after: logCursor }) };
    for await (const line of this.#machine.parts.orchestrator.logs(hosted.order, query)) {
      if (signal.aborted) return;
      if (lines.add(line)) await pause(REST);
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

/** Gathers lines for a moment, so that many are written together. */
class Lines {
  readonly #write: (lines: readonly LogLine[]) => void;
  readonly #gather: number;
  #lines: LogLine[] = [];
  #timer: NodeJS.Timeout | undefined;
  #failure: unknown;

  constructor(write: (lines: readonly LogLine[]) => void, gather: number) {
    this.#write = write;
    this.#gather = gather;
  }

  /**
   * Adds a line.
   *
   * @returns Whether a full batch was written.
   * @throws {Error} What kept lines from being written, now or before: they are read again from the last cursor that was.
   */
  add(line: LogLine): boolean {
    if (this.#failure !== undefined) throw this.#failure as Error;
    this.#lines.push(line);
    if (this.#lines.length < BATCH) {
      this.#timer ??= setTimeout(() => {
        this.#flushLate();
      }, this.#gather);
      return false;
    }
    this.#flush();
    return true;
  }

  /** Writes what is left; what cannot be written is read again later. */
  close(): void {
    if (this.#failure === undefined) this.#flushLate();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines;
    this.#lines = [];
    this.#write(lines);
  }

  #flushLate(): void {
    try {
      this.#flush();
    } catch (error) {
      this.#failure = error;
    }
  }
}
