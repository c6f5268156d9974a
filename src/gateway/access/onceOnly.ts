import type { Database } from "../store/database.ts";

/** What can be used once: sign-ins' nonces, links, tokens of shells; and what was ended before it expired. */
export type OnceKind = "login" | "link" | "token" | "ended";

/** Milliseconds between two removals of what has expired. */
const PRUNE_EVERY = 60_000;

/** Remembers, across restarts, what was used up. */
export class OnceOnly {
  readonly #database: Database;
  readonly #now: () => number;
  #prunedAt = -Infinity;

  /** @param now Unix milliseconds. */
  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
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
    return this.#database.run(statement, kind, id, Math.ceil(expiresAt)) === 1;
  }

  /** Whether something was used up. */
  isUsed(kind: OnceKind, id: string): boolean {
    return this.#database.get("SELECT 1 FROM used_once WHERE kind = ? AND id = ?", kind, id) !== undefined;
  }

  #prune(): void {
    const now = this.#now();
    if (now - this.#prunedAt < PRUNE_EVERY) return;
    this.#prunedAt = now;
    // A clock that was set back a little must not bring anything back.
    const before = Math.floor(now / 1000) - 3_600;
    this.#database.run("DELETE FROM used_once WHERE expires_at < ?", before);
  }
}
