import type { Database } from "../../service/store/database.ts";
import { number, text } from "../../service/store/rows.ts";

/** What can be used once: sign-ins' nonces, links, tokens of shells; and what was ended before it expired. */
export type OnceKind = "login" | "link" | "token" | "ended";

/** Milliseconds between two removals of what has expired. */
const PRUNE_EVERY = 60_000;

/** Remembers, across restarts, what was used up. */
export class OnceOnly {
  readonly #database: Database;
  readonly #now: () => number;
  /** What was ended, and the Unix second at which it would have expired: every request asks, so it is in memory as well. */
  readonly #ended = new Map<string, number>();
  #prunedAt = -Infinity;

  /** @param now Unix milliseconds. */
  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
    const ended = database.all("SELECT id, expires_at FROM used_once WHERE kind = 'ended'");
    for (const row of ended) this.#ended.set(text(row, "id"), number(row, "expires_at"));
  }

  /**
   * Uses something up.
   *
   * @param expiresAt Unix seconds after which it is refused anyway, so that it need not be remembered longer.
   * @returns Whether it was there to be used: false for everybody but the first.
   */
  use(kind: OnceKind, id: string, expiresAt: number): boolean {
    this.#prune();
    const statement = "INSERT INTO used_once (kind, id, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
    const isFirst = this.#database.run(statement, kind, id, Math.ceil(expiresAt)) === 1;
    if (kind === "ended" && isFirst) this.#ended.set(id, Math.ceil(expiresAt));
    return isFirst;
  }

  /** Whether something was ended before it expired. */
  isEnded(id: string): boolean {
    return this.#ended.has(id);
  }

  #prune(): void {
    const now = this.#now();
    if (now - this.#prunedAt < PRUNE_EVERY) return;
    this.#prunedAt = now;
    // A clock that was set back a little must not bring anything back.
    const before = Math.floor(now / 1000) - 3_600;
    this.#database.run("DELETE FROM used_once WHERE expires_at < ?", before);
    for (const [id, expiresAt] of this.#ended) if (expiresAt < before) this.#ended.delete(id);
  }
}
