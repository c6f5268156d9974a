import { randomUUID } from "node:crypto";

import { Notice } from "../../service/notice.ts";
import type { OrderName } from "./records.ts";
import { toJson } from "../../json.ts";
import type { Database } from "../../service/store/database.ts";
import { number, optional, text, type Row } from "../../service/store/rows.ts";

/** What happened to an order's application. */
export interface GatewayEvent {
  /** Ascending; where reading goes on. */
  readonly id: number;
  /** Unix milliseconds. */
  readonly time: number;
  readonly kind: "normal" | "warning";
  /** One word in CamelCase, such as "Ready"; docs/gateway.md lists those that the gateway gives. */
  readonly reason: string;
  readonly detail: string;
  readonly workload: string | undefined;
  /** The deployment that it is about. */
  readonly deployment: number | undefined;
}

/** An event that is to be written down. */
export interface NewEvent {
  /** Unix milliseconds; now by default. */
  readonly time?: number;
  readonly kind: "normal" | "warning";
  readonly reason: string;
  readonly detail: string;
  readonly workload?: string;
  readonly deployment?: number;
}

/** So many events are kept of an order, and at most so many more; the oldest go first. */
const MOST = 10_000;
const MORE = 100;
/** So many characters of what others say are kept. */
const LONGEST = 2_000;

function eventOf(row: Row): GatewayEvent {
  return {
    id: number(row, "id"),
    time: number(row, "time"),
    kind: text(row, "kind") as GatewayEvent["kind"],
    reason: text(row, "reason"),
    detail: text(row, "detail"),
    workload: optional(text, row, "workload"),
    deployment: optional(number, row, "deployment"),
  };
}

/** What has happened to each order's application, for its user and, by the outbox, for the provider's webhook. */
export class EventLog {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #hasWebhook: boolean;
  /** Given when something was written. */
  readonly notice = new Notice();

  /**
   * @param now Unix milliseconds.
   * @param hasWebhook Whether every event also becomes a message of the outbox.
   */
  constructor(database: Database, now: () => number, hasWebhook: boolean) {
    this.#database = database;
    this.#now = now;
    this.#hasWebhook = hasWebhook;
  }

  /** Writes an event down, and its message; call it in the transaction of what it tells of. */
  append({ order, terms }: OrderName, event: NewEvent): void {
    const { time = this.#now(), kind, reason, workload, deployment } = event;
    const detail = event.detail.slice(0, LONGEST);
    this.#database.transaction(() => {
      const row = this.#database.get(
        `INSERT INTO event (order_id, terms, time, kind, reason, detail, workload, deployment)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
        ...[order, terms, time, kind, reason, detail, workload ?? null, deployment ?? null],
      );
      const id = number(row ?? {}, "id");
      if (this.#hasWebhook) {
        const body = toJson({ order, terms, id, time, kind, reason, detail, workload, deployment }, 0);
        const statement = "INSERT INTO outbox (message, body, created_at) VALUES (?, ?, ?)";
        this.#database.run(statement, `msg_${randomUUID()}`, body, this.#now());
      }
      if (id % MORE === 0) this.#trim(order, terms);
    });
    this.notice.give();
  }

  /** The events of an order after one, oldest first. */
  after({ order, terms }: OrderName, id: number, limit: number): GatewayEvent[] {
    const statement = "SELECT * FROM event WHERE order_id = ? AND terms = ? AND id > ? ORDER BY id LIMIT ?";
    return this.#database.all(statement, order, terms, id, limit).map(eventOf);
  }

  #trim(order: number, terms: string): void {
    const statement = "SELECT id FROM event WHERE order_id = ? AND terms = ? ORDER BY id DESC LIMIT 1 OFFSET ?";
    const oldest = this.#database.get(statement, order, terms, MOST);
    if (oldest === undefined) return;
    this.#database.run(
      "DELETE FROM event WHERE order_id = ? AND terms = ? AND id <= ?",
      ...[order, terms, number(oldest, "id")],
    );
  }
}
