import type { Outcome } from "../chain/sending/sender.ts";
import type { Database } from "../service/store/database.ts";
import { markOf, setMark } from "./store.ts";

/** Blocks for which nothing is tried again after a transaction without effect. */
const PAUSE = 300;

/**
 * Effects that come again and again, such as withdrawals: each has a number that is kept, so that after a restart what was begun is the same
 * intention still, and the next one begins only when it has ended and its block is seen.
 */
export class Numbered {
  readonly #database: Database;
  readonly #name: string;

  constructor(database: Database, name: string) {
    [this.#database, this.#name] = [database, name];
  }

  /** The key of the effect that is to come or under way. */
  get key(): string {
    return `${this.#name} ${markOf(this.#database, this.#name) ?? "1"}`;
  }

  /** Whether what was read at a block may lack the last effect. */
  isBehind(block: bigint): boolean {
    const seen = markOf(this.#database, `${this.#name} block`);
    return seen !== undefined && block < BigInt(seen);
  }

  /** Takes note that the effect has ended, however. What had no effect is not tried again for a while: it would cost as much again. */
  ended(outcome: Outcome): void {
    const number = Number(markOf(this.#database, this.#name) ?? "1");
    this.#database.transaction(() => {
      setMark(this.#database, this.#name, String(number + 1));
      if (outcome.kind === "abandoned") return;
      const pause = outcome.kind === "reverted" ? PAUSE : 0;
      setMark(this.#database, `${this.#name} block`, String(outcome.receipt.blockNumber + pause));
    });
  }
}
