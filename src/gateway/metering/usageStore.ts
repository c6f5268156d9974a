import { addSample, type Totals } from "./totals.ts";
import type { OrderName } from "../deployments/records.ts";
import type { Usage } from "../orchestrator/orchestrator.ts";
import type { Database } from "../../service/store/database.ts";
import { number, optional, text, type Row } from "../../service/store/rows.ts";

/** Totals up to a time, and what was in use then. */
export interface Sample {
  /** Unix milliseconds. */
  readonly time: number;
  readonly cpuNanoseconds: bigint;
  readonly received: bigint | undefined;
  readonly sent: bigint | undefined;
  /** Bytes. */
  readonly memory: number;
  readonly gpu: number | undefined;
  /** Bytes. */
  readonly disk: number | undefined;
}

/** Milliseconds for which samples are kept; totals stay as long as the order does. */
const KEPT_FOR = 7 * 86_400_000;

const whole = (row: Row, column: string): bigint => BigInt(text(row, column));
const plain = (value: bigint | undefined): string | null => value?.toString() ?? null;

function totalsOf(row: Row): Totals {
  return {
    sampledAt: number(row, "sampled_at"),
    cpuNanoseconds: whole(row, "cpu_nanoseconds"),
    received: optional(whole, row, "received"),
    sent: optional(whole, row, "sent"),
    memoryByteSeconds: whole(row, "memory_byte_seconds"),
    gpuMilliseconds: optional(whole, row, "gpu_milliseconds"),
    lastCpu: whole(row, "last_cpu"),
    lastReceived: optional(whole, row, "last_received"),
    lastSent: optional(whole, row, "last_sent"),
  };
}

function sampleOf(row: Row): Sample {
  return {
    time: number(row, "time"),
    cpuNanoseconds: whole(row, "cpu_nanoseconds"),
    received: optional(whole, row, "received"),
    sent: optional(whole, row, "sent"),
    memory: number(row, "memory"),
    gpu: optional(number, row, "gpu"),
    disk: optional(number, row, "disk"),
  };
}

/** What each order's containers have used. */
export class UsageStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  totals({ order, terms }: OrderName): Totals | undefined {
    const row = this.#database.get("SELECT * FROM usage_total WHERE order_id = ? AND terms = ?", order, terms);
    return row === undefined ? undefined : totalsOf(row);
  }

  /** The samples of an order after a time in Unix milliseconds, oldest first. */
  samples({ order, terms }: OrderName, after: number, limit: number): Sample[] {
    const statement = "SELECT * FROM usage_sample WHERE order_id = ? AND terms = ? AND time > ? ORDER BY time LIMIT ?";
    return this.#database.all(statement, order, terms, after, limit).map(sampleOf);
  }

  /** Adds samples of many orders at once: each writing waits for the disk. */
  addAll(samples: readonly { readonly name: OrderName; readonly used: Usage }[], now: number): void {
    this.#database.transaction(() => {
      for (const { name, used } of samples) this.add(name, used, now);
    });
  }

  /** Adds a sample: to the totals, and as itself. */
  add(name: OrderName, usage: Usage, now: number): void {
    const { order, terms } = name;
    this.#database.transaction(() => {
      const totals = addSample(this.totals(name), usage, now);
      const { sampledAt, cpuNanoseconds, received, sent, memoryByteSeconds, gpuMilliseconds } = totals;
      const { lastCpu, lastReceived, lastSent } = totals;
      this.#database.run(
        "INSERT OR REPLACE INTO usage_total VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ...[order, terms, sampledAt, cpuNanoseconds.toString(), plain(received), plain(sent)],
        ...[memoryByteSeconds.toString(), plain(gpuMilliseconds)],
        ...[lastCpu.toString(), plain(lastReceived), plain(lastSent)],
      );
      this.#database.run(
        "INSERT OR REPLACE INTO usage_sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ...[order, terms, sampledAt, cpuNanoseconds.toString(), plain(received), plain(sent)],
        ...[usage.memory, usage.gpu ?? null, usage.disk ?? null],
      );
      this.#database.run(
        "DELETE FROM usage_sample WHERE order_id = ? AND terms = ? AND time < ?",
        ...[order, terms, now - KEPT_FOR],
      );
    });
  }
}
