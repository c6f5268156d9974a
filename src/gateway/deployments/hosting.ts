import type { SQLInputValue } from "node:sqlite";

import type { OrderName } from "./records.ts";
import { Problem } from "../problems/problem.ts";
import type { Database } from "../../service/store/database.ts";
import { number, optional, text, type Row } from "../../service/store/rows.ts";

/**
 * How an order's application is kept.
 *
 * - `running`: the order streams, as far as is known.
 * - `ending`: it does not; the application runs on for the grace.
 * - `stopped`: scaled to zero; volumes are kept.
 * - `removed`: nothing is left but what can be read for a week.
 */
export type HostingPhase = "running" | "ending" | "stopped" | "removed";

/** An order with an application. Times are Unix milliseconds. */
export interface HostedOrder extends OrderName {
  readonly account: string;
  readonly phase: HostingPhase;
  readonly endedAt: number | undefined;
  readonly removedAt: number | undefined;
  readonly finalBlock: number;
  readonly deposited: bigint | undefined;
  /** Seconds. */
  readonly fullRunway: number;
  /** Percent. */
  readonly warnedAt: number;
  readonly logCursor: string | undefined;
  readonly eventsUntil: number;
}

function hostedOrderOf(row: Row): HostedOrder {
  const deposited = optional(text, row, "deposited");
  return {
    order: number(row, "order_id"),
    terms: text(row, "terms"),
    account: text(row, "account"),
    phase: text(row, "phase") as HostingPhase,
    endedAt: optional(number, row, "ended_at"),
    removedAt: optional(number, row, "removed_at"),
    finalBlock: number(row, "final_block"),
    deposited: deposited === undefined ? undefined : BigInt(deposited),
    fullRunway: number(row, "full_runway"),
    warnedAt: number(row, "warned_at"),
    logCursor: optional(text, row, "log_cursor"),
    eventsUntil: number(row, "events_until"),
  };
}

/** What is learnt of an order from a final reading. */
export type Learnt = Pick<HostedOrder, "phase" | "endedAt" | "finalBlock" | "deposited" | "fullRunway" | "warnedAt">;

/** The orders that have an application here. */
export class Hosting {
  readonly #database: Database;
  /** Orders that are present, as they were last read: every request for an application asks. Forgotten with every change. */
  readonly #present = new Map<number, HostedOrder>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The order whose application is under a number now. */
  present(order: number): HostedOrder | undefined {
    const known = this.#present.get(order);
    if (known !== undefined) return known;
    const row = this.#database.get("SELECT * FROM hosted_order WHERE order_id = ? AND phase <> 'removed'", order);
    if (row === undefined) return undefined;
    const present = hostedOrderOf(row);
    // A transaction may still be taken back.
    if (!this.#database.sql.isTransaction) this.#present.set(order, present);
    return present;
  }

  /**
   * Checks that what is under an order's number is that order's own: after a reorganisation of the chain it may still be another one's.
   *
   * @throws {Problem} `order-number-taken`.
   */
  requireOwn({ order, terms }: OrderName): void {
    const present = this.present(order);
    if (present === undefined || present.terms === terms) return;
    const detail = `Before a reorganisation of the chain another order had the number ${String(order)}; its application is removed first`;
    throw new Problem("order-number-taken", detail, { retryAfter: 30 });
  }

  find({ order, terms }: OrderName): HostedOrder | undefined {
    const row = this.#database.get("SELECT * FROM hosted_order WHERE order_id = ? AND terms = ?", order, terms);
    return row === undefined ? undefined : hostedOrderOf(row);
  }

  /** All orders whose application is here. */
  all(): HostedOrder[] {
    return this.#database
      .all("SELECT * FROM hosted_order WHERE phase <> 'removed' ORDER BY order_id")
      .map(hostedOrderOf);
  }

  /** Takes an order in, or back in after its application was removed. */
  admit({ order, terms }: OrderName, account: string): void {
    this.#write(
      order,
      `INSERT INTO hosted_order (order_id, terms, account, phase) VALUES (?, ?, ?, 'running')
       ON CONFLICT (order_id, terms) DO UPDATE SET phase = 'running', ended_at = NULL, removed_at = NULL
       WHERE phase = 'removed'`,
      ...[order, terms, account],
    );
  }

  learn({ order, terms }: OrderName, { phase, endedAt, finalBlock, deposited, fullRunway, warnedAt }: Learnt): void {
    this.#write(
      order,
      `UPDATE hosted_order SET phase = ?, ended_at = ?, final_block = ?, deposited = ?, full_runway = ?, warned_at = ?
       WHERE order_id = ? AND terms = ?`,
      ...[phase, endedAt ?? null, finalBlock, deposited?.toString() ?? null, fullRunway, warnedAt, order, terms],
    );
  }

  /** Notes that nothing of it runs or is kept any more. */
  removed({ order, terms }: OrderName, at: number): void {
    this.#write(
      order,
      "UPDATE hosted_order SET phase = 'removed', removed_at = ?, log_cursor = NULL WHERE order_id = ? AND terms = ?",
      ...[at, order, terms],
    );
  }

  keepLogCursor({ order, terms }: OrderName, cursor: string | undefined): void {
    const statement = "UPDATE hosted_order SET log_cursor = ? WHERE order_id = ? AND terms = ?";
    this.#write(order, statement, cursor ?? null, order, terms);
  }

  keepEventsUntil({ order, terms }: OrderName, time: number): void {
    const statement = "UPDATE hosted_order SET events_until = ? WHERE order_id = ? AND terms = ?";
    this.#write(order, statement, time, order, terms);
  }

  /** Changes what is kept of an order. */
  #write(order: number, statement: string, ...values: SQLInputValue[]): void {
    this.#database.run(statement, ...values);
    this.#present.delete(order);
  }
}
