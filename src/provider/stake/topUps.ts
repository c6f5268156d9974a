import type { Database } from "../../service/store/database.ts";
import { text } from "../../service/store/rows.ts";

/** What was put in as stake: written down before it is sent, so that the limit holds whatever happens in between. */
export class TopUps {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All that was put in, or may have been, but for the intention of a key; base units. */
  totalBeside(key: string): bigint {
    return this.#database
      .all("SELECT amount FROM top_ups WHERE key <> ?", key)
      .reduce((sum, row) => sum + BigInt(text(row, "amount")), 0n);
  }

  /**
   * Takes an amount into account under the key of its intention. What was written down under a key stays.
   *
   * @param at Unix milliseconds.
   * @returns The amount that counts.
   */
  begin(key: string, amount: bigint, at: number): bigint {
    this.#database.run("INSERT OR IGNORE INTO top_ups (key, amount, at) VALUES (?, ?, ?)", key, amount.toString(), at);
    const row = this.#database.get("SELECT amount FROM top_ups WHERE key = ?", key);
    return row === undefined ? amount : BigInt(text(row, "amount"));
  }

  /** Takes back what was not put in, as is proven: its transaction cannot be mined any more, or had no effect. */
  cameBack(key: string): void {
    this.#database.run("DELETE FROM top_ups WHERE key = ?", key);
  }

  /** Adds up what lies far back, so that nothing grows without bound. @param keep Entries that stay as they are. */
  condense(keep = 100): void {
    this.#database.transaction(() => {
      const rows = this.#database.all("SELECT key, amount FROM top_ups WHERE done = 1 ORDER BY at DESC");
      const old = rows.slice(keep);
      if (old.length < keep) return;
      const sum = old.reduce((total, row) => total + BigInt(text(row, "amount")), 0n);
      for (const row of old) this.#database.run("DELETE FROM top_ups WHERE key = ?", text(row, "key"));
      const key = `before ${text(old[0] ?? {}, "key")}`;
      this.#database.run("INSERT INTO top_ups (key, amount, at, done) VALUES (?, ?, 0, 1)", key, sum.toString());
    });
  }

  /** Takes note that an amount is in. */
  done(key: string): void {
    this.#database.run("UPDATE top_ups SET done = 1 WHERE key = ?", key);
  }
}
