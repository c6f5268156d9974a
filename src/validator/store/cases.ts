import { toJson } from "../../json.ts";
import { waitAfter } from "../../service/backoff.ts";
import type { Database } from "../../service/store/database.ts";
import { number, optional, text, type Row } from "../../service/store/rows.ts";

/** What a case is about: a vouching to look at, a result to judge, a chunk that is demanded, contradicting verdicts or views to report. */
export type CaseKind = "vouching" | "task" | "chunk" | "contradiction" | "views";

/** Something that has to be looked at until it is settled. */
export interface Case {
  readonly key: string;
  readonly kind: CaseKind;
  /** What it is about, in JSON. */
  readonly facts: string;
  readonly reason: string | undefined;
  readonly attempts: number;
  /** Unix milliseconds. */
  readonly openedAt: number;
}

/** So many cases are kept; of those that are settled the oldest go first. */
const MOST_SETTLED = 20_000;

const caseOf = (row: Row): Case => ({
  key: text(row, "key"),
  kind: text(row, "kind") as CaseKind,
  facts: text(row, "facts"),
  reason: optional(text, row, "reason"),
  attempts: number(row, "attempts"),
  openedAt: number(row, "opened_at"),
});

/** What the chain and other validators have brought up, until it is settled. Survives restarts. */
export class CaseStore {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #lookedAt = new Map<CaseKind, number>();

  /** @param now Unix milliseconds. */
  constructor(database: Database, now: () => number) {
    [this.#database, this.#now] = [database, now];
  }

  /** Opens a case, unless there is one of this key. */
  open(key: string, kind: CaseKind, facts: unknown): void {
    const statement =
      "INSERT INTO cases (key, kind, facts, state, opened_at) VALUES (?, ?, ?, 'open', ?) ON CONFLICT DO NOTHING";
    this.#database.run(statement, key, kind, toJson(facts, 0), this.#now());
  }

  /** The open cases of a kind that are to be looked at now. After this machine's clock was set back, all of them. */
  due(kind: CaseKind, limit: number): Case[] {
    const now = this.#now();
    if (now < (this.#lookedAt.get(kind) ?? 0)) this.wakeAll(kind);
    this.#lookedAt.set(kind, now);
    const statement =
      "SELECT * FROM cases WHERE kind = ? AND state = 'open' AND next_at <= ? ORDER BY next_at, opened_at LIMIT ?";
    return this.#database.all(statement, kind, now, limit).map(caseOf);
  }

  /** All open cases of a kind. */
  openOf(kind: CaseKind): Case[] {
    return this.#database.all("SELECT * FROM cases WHERE kind = ? AND state = 'open' LIMIT 1000", kind).map(caseOf);
  }

  settle(key: string, reason: string): void {
    this.#database.run("UPDATE cases SET state = 'settled', reason = ? WHERE key = ?", reason, key);
    this.#database.run(
      "DELETE FROM cases WHERE key IN (SELECT key FROM cases WHERE state = 'settled' ORDER BY opened_at DESC LIMIT -1 OFFSET ?)",
      MOST_SETTLED,
    );
  }

  /** Looks at a case again later: after so many milliseconds, or longer after each failure. */
  putOff(found: Pick<Case, "key" | "attempts">, reason: string, milliseconds?: number): void {
    const wait = milliseconds ?? waitAfter(found.attempts);
    const statement = "UPDATE cases SET attempts = ?, next_at = ?, reason = ? WHERE key = ?";
    this.#database.run(statement, found.attempts + 1, this.#now() + wait, reason, found.key);
  }

  /** Has all open cases of a kind looked at at once, because something has changed for them. */
  wakeAll(kind: CaseKind): void {
    this.#database.run("UPDATE cases SET next_at = 0 WHERE kind = ? AND state = 'open'", kind);
  }

  /** The block up to which a follower has come; undefined before its first. */
  cursor(name: string): number | undefined {
    const row = this.#database.get("SELECT block FROM cursors WHERE name = ?", name);
    return row && number(row, "block");
  }

  /** Does something and moves a follower's cursor, both or neither. */
  advance(name: string, block: number, work: () => void): void {
    this.#database.transaction(() => {
      work();
      this.#database.run(
        "INSERT INTO cursors (name, block) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET block = excluded.block",
        ...([name, block] as const),
      );
    });
  }
}
