import type { Header } from "./header.ts";
import type { Block } from "../block.ts";
import type { Database } from "../../service/store/database.ts";
import { number, text, type Row } from "../../service/store/rows.ts";

/** The tables of what a service follows of the chain. */
export const feedTables = `-- The newest blocks that were followed: by them a reorganisation is seen, and how far it reaches.
CREATE TABLE feed_blocks (
  number INTEGER PRIMARY KEY,
  hash TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT;

-- Events of all blocks up to the newest of these.
CREATE TABLE feed_events (
  block INTEGER NOT NULL,
  log_index INTEGER NOT NULL,
  block_hash TEXT NOT NULL,
  transaction_hash TEXT NOT NULL,
  event TEXT NOT NULL,
  topics TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (block, log_index)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_events_of ON feed_events (event, block, log_index);

-- What is followed, and the newest block that enough endpoints have.
CREATE TABLE feed_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  followed TEXT NOT NULL,
  agreed INTEGER NOT NULL
) STRICT;`;

/** An event as it is kept. */
export interface KeptEvent {
  readonly block: number;
  readonly logIndex: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  /** The event's name, its contract's before it. */
  readonly event: string;
  readonly topics: readonly string[];
  readonly data: string;
}

/** What the feed learns at once. */
export interface Step {
  /** The newest block that stays: what was followed after it is undone. */
  readonly base: number;
  /** Blocks after it, ascending; the last one is the newest then. */
  readonly blocks: readonly Pick<Header, "number" | "hash" | "time">[];
  /** Their events, and those of the blocks between them. */
  readonly events: readonly KeptEvent[];
}

/** A place in the order of events. */
export interface Position {
  readonly block: number;
  readonly logIndex: number;
}

const NONE = -1;

function blockOf(row: Row): Block {
  return { number: number(row, "number"), hash: text(row, "hash"), time: number(row, "time") };
}

function eventOf(row: Row): KeptEvent {
  return {
    block: number(row, "block"),
    logIndex: number(row, "log_index"),
    blockHash: text(row, "block_hash"),
    transactionHash: text(row, "transaction_hash"),
    event: text(row, "event"),
    topics: JSON.parse(text(row, "topics")) as string[],
    data: text(row, "data"),
  };
}

/** What is kept of the chain. */
export class FeedStore {
  readonly #database: Database;

  /**
   * @param fingerprint Names what is followed. Where the database is of something else, it begins anew.
   */
  constructor(database: Database, fingerprint: string) {
    this.#database = database;
    database.transaction(() => {
      if (database.get("SELECT 1 FROM feed_state WHERE followed = ?", fingerprint) !== undefined) return;
      for (const table of ["feed_blocks", "feed_events", "feed_state"]) database.run(`DELETE FROM ${table}`);
      database.run("INSERT INTO feed_state (id, followed, agreed) VALUES (1, ?, ?)", fingerprint, NONE);
    });
  }

  /** The newest block that was followed. */
  newest(): Block | undefined {
    return this.blocksFrom(Number.MAX_SAFE_INTEGER, 1)[0];
  }

  /** The oldest block that is remembered. */
  oldest(): Block | undefined {
    const row = this.#database.get("SELECT * FROM feed_blocks ORDER BY number LIMIT 1");
    return row === undefined ? undefined : blockOf(row);
  }

  /** Blocks that are remembered, from a number downwards, so many at most. */
  blocksFrom(highest: number, count: number): Block[] {
    const rows = "SELECT * FROM feed_blocks WHERE number <= ? ORDER BY number DESC LIMIT ?";
    return this.#database.all(rows, highest, count).map(blockOf);
  }

  /** Number of the newest block that enough endpoints have; below every number where there is none. */
  agreed(): number {
    const row = this.#database.get("SELECT agreed FROM feed_state");
    return row === undefined ? NONE : number(row, "agreed");
  }

  setAgreed(block: number): void {
    this.#database.run("UPDATE feed_state SET agreed = ?", block);
  }

  /**
   * Takes a step, all of it or nothing.
   *
   * @param depth So many blocks behind the newest are remembered.
   */
  take({ base, blocks, events }: Step, depth: number): void {
    const database = this.#database;
    database.transaction(() => {
      database.run("DELETE FROM feed_blocks WHERE number > ?", base);
      database.run("DELETE FROM feed_events WHERE block > ?", base);
      database.run("UPDATE feed_state SET agreed = min(agreed, ?)", base);
      for (const { number, hash, time } of blocks) {
        database.run("INSERT INTO feed_blocks (number, hash, time) VALUES (?, ?, ?)", number, hash, time);
      }
      for (const event of events) this.#insert(event);
      database.run("DELETE FROM feed_blocks WHERE number < (SELECT max(number) FROM feed_blocks) - ?", depth);
    });
  }

  #insert({ block, logIndex, blockHash, transactionHash, event, topics, data }: KeptEvent): void {
    this.#database.run(
      "INSERT INTO feed_events (block, log_index, block_hash, transaction_hash, event, topics, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
      ...[block, logIndex, blockHash, transactionHash, event, JSON.stringify(topics), data],
    );
  }

  /** Events of a name after a position and up to a block, oldest first. */
  events(event: string, after: Position, last: number): KeptEvent[] {
    const rows = `SELECT * FROM feed_events WHERE event = ? AND (block, log_index) > (?, ?) AND block <= ?
      ORDER BY block, log_index`;
    return this.#database.all(rows, event, after.block, after.logIndex, last).map(eventOf);
  }
}
