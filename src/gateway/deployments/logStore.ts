import type { Hosting } from "./hosting.ts";
import { Notice } from "../../service/notice.ts";
import type { OrderName } from "./records.ts";
import type { LogLine } from "../orchestrator/orchestrator.ts";
import type { Database } from "../../service/store/database.ts";
import { number, text, type Row } from "../../service/store/rows.ts";

/** A line that a container wrote, as it is kept. */
export interface KeptLine {
  /** Ascending; where reading goes on. */
  readonly id: number;
  readonly workload: string;
  readonly container: string;
  /** Unix milliseconds. */
  readonly time: number;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** Which lines are wanted. */
export interface LineQuery {
  /** Only of this workload. */
  readonly workload?: string | undefined;
  /** Only what was written at this time or later, in Unix milliseconds. */
  readonly since?: number | undefined;
  readonly limit: number;
}

/** So many bytes of lines are kept of an order by default; the oldest go first. */
const ROOM = 16 * 2 ** 20;
/** Bytes that a line takes beside its text, about. */
const OVERHEAD = 100;
/** So many characters of a line are kept. */
const LONGEST = 16_384;

function lineOf(row: Row): KeptLine {
  return {
    id: number(row, "id"),
    workload: text(row, "workload"),
    container: text(row, "container"),
    time: number(row, "time"),
    stream: text(row, "stream") as KeptLine["stream"],
    text: text(row, "text"),
  };
}

/** The lines of all orders, in a room of bounded size each. */
export class LogStore {
  readonly #database: Database;
  readonly #hosting: Hosting;
  readonly #room: number;
  /** Given when lines came. */
  readonly notice = new Notice();

  /** @param room Bytes that are kept of an order. */
  constructor(database: Database, hosting: Hosting, room = ROOM) {
    this.#database = database;
    this.#hosting = hosting;
    this.#room = room;
  }

  /** Keeps lines, and where reading goes on after them: both or neither, so that none is missing or doubled after a crash. */
  append(name: OrderName, lines: readonly LogLine[]): void {
    const last = lines.at(-1);
    if (last === undefined) return;
    this.#database.transaction(() => {
      let added = 0;
      for (const line of lines) added += this.#insert(name, line);
      this.#hosting.keepLogCursor(name, last.cursor);
      this.#grow(name, added);
    });
    this.notice.give();
  }

  /** The lines of an order after one, oldest first. */
  after({ order, terms }: OrderName, id: number, { workload, since = 0, limit }: LineQuery): KeptLine[] {
    return this.#database
      .all(
        `SELECT * FROM log_line WHERE order_id = ? AND terms = ? AND id > ? AND (? IS NULL OR workload = ?) AND time >= ?
         ORDER BY id LIMIT ?`,
        ...[order, terms, id, workload ?? null, workload ?? null, since, limit],
      )
      .map(lineOf);
  }

  /** The newest lines of an order, oldest first. */
  newest({ order, terms }: OrderName, { workload, since = 0, limit }: LineQuery): KeptLine[] {
    return this.#database
      .all(
        `SELECT * FROM log_line WHERE order_id = ? AND terms = ? AND (? IS NULL OR workload = ?) AND time >= ?
         ORDER BY id DESC LIMIT ?`,
        ...[order, terms, workload ?? null, workload ?? null, since, limit],
      )
      .map(lineOf)
      .reverse();
  }

  #insert({ order, terms }: OrderName, line: LogLine): number {
    const kept = line.text.slice(0, LONGEST);
    const size = Buffer.byteLength(kept) + OVERHEAD;
    this.#database.run(
      `INSERT INTO log_line (order_id, terms, workload, container, time, stream, text, size)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[order, terms, line.workload, line.container, line.time, line.stream, kept, size],
    );
    return size;
  }

  /** Counts what was added, and drops the oldest lines where there is no room. */
  #grow({ order, terms }: OrderName, added: number): void {
    const row = this.#database.get(
      `INSERT INTO log_size VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes RETURNING bytes`,
      ...[order, terms, added],
    );
    let bytes = number(row ?? {}, "bytes");
    if (bytes <= this.#room) return;
    const oldest = "SELECT id, size FROM log_line WHERE order_id = ? AND terms = ? ORDER BY id LIMIT 2000";
    while (bytes > this.#room) {
      const rows = this.#database.all(oldest, order, terms);
      if (rows.length === 0) break;
      let last = 0;
      for (const line of rows) {
        if (bytes <= this.#room) break;
        bytes -= number(line, "size");
        last = number(line, "id");
      }
      this.#database.run("DELETE FROM log_line WHERE order_id = ? AND terms = ? AND id <= ?", order, terms, last);
    }
    this.#database.run("UPDATE log_size SET bytes = ? WHERE order_id = ? AND terms = ?", bytes, order, terms);
  }
}
