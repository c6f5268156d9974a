import type { ContractTransaction } from "ethers";

import type { Intention } from "./sender.ts";
import type { Database } from "../../service/store/database.ts";
import { number, optional, text, type Row } from "../../service/store/rows.ts";

/** An intention as it is kept. */
export interface KeptIntention extends Intention {
  readonly isUrgent: boolean;
  /** What became of it, as JSON; undefined while it is under way. */
  readonly outcome: string | undefined;
}

/** What was signed. */
export interface Attempt {
  readonly hash: string;
  readonly nonce: number;
  /** The intention that it is for; undefined where it only frees the nonce. */
  readonly key: string | undefined;
  readonly raw: string;
  /** Unix milliseconds. */
  readonly signedAt: number;
}

/** All that was signed under a nonce of which nothing is mined for good, the oldest first; never empty. */
export type Slot = readonly [Attempt, ...Attempt[]];

/** The newest of what was signed under a nonce. */
export const last = (slot: Slot): Attempt => slot.at(-1) ?? slot[0];

/** Whether an intention is of no use any more at a time of the chain. */
export const isLate = ({ deadline }: KeptIntention, time: number): boolean =>
  deadline !== undefined && time >= deadline;

/** Whether nothing is signed any more for an intention for which nothing was, by the machine's clock in Unix milliseconds. */
export const isOverdue = ({ signBy }: Pick<Intention, "signBy">, now: number): boolean =>
  signBy !== undefined && now >= signBy;

/** What an account sends, as its database has it. */
export class SendingStore {
  readonly #database: Database;
  readonly #account: string;

  /** @param account Names it among those of the database, with its chain. */
  constructor(database: Database, account: string) {
    this.#database = database;
    this.#account = account;
  }

  find(key: string): KeptIntention | undefined {
    const row = this.#database.get("SELECT * FROM sending_intention WHERE account = ? AND key = ?", this.#account, key);
    return row && intentionIn(row);
  }

  /** What has no outcome yet: what is urgent first, then what is due first, then by age. */
  open(): readonly KeptIntention[] {
    const statement = `SELECT * FROM sending_intention WHERE account = ? AND outcome IS NULL
                         ORDER BY urgent DESC, deadline IS NULL, deadline, id`;
    return this.#database.all(statement, this.#account).map(intentionIn);
  }

  /** Writes an intention down, in place of one of its key that has ended. */
  write({ key, purpose, transaction, deadline, isUrgent, signBy }: Intention): void {
    const { to, data, value } = transaction;
    this.#database.transaction(() => {
      this.remove(key);
      this.#database.run(
        `INSERT INTO sending_intention (account, key, purpose, recipient, data, value, deadline, urgent, sign_by)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...([this.#account, key, purpose, to, data, (value ?? 0n).toString()] as const),
        ...([deadline ?? null, isUrgent === true ? 1 : 0, signBy ?? null] as const),
      );
    });
  }

  remove(key: string): void {
    this.#database.run("DELETE FROM sending_intention WHERE account = ? AND key = ?", this.#account, key);
  }

  /**
   * Writes down what became of an intention, or that it is under way again where that is undefined.
   *
   * @param at The chain's time, in Unix milliseconds.
   */
  end(key: string, outcome: string | undefined, at: number): void {
    this.#database.run(
      "UPDATE sending_intention SET outcome = ?, ended_at = ? WHERE account = ? AND key = ?",
      ...([outcome ?? null, at, this.#account, key] as const),
    );
  }

  /** Writes down what was signed, before it is sent. */
  add({ hash, nonce, key, raw, signedAt }: Attempt): void {
    this.#database.run(
      `INSERT INTO sending_attempt (account, hash, nonce, key, raw, signed_at, state) VALUES (?, ?, ?, ?, ?, ?, 'live')`,
      ...([this.#account, hash, nonce, key ?? null, raw, signedAt] as const),
    );
  }

  /** The nonces of which nothing is mined for good, from the lowest on. */
  slots(): readonly Slot[] {
    const statement = "SELECT * FROM sending_attempt WHERE account = ? AND state = 'live' ORDER BY nonce, id";
    const slots = new Map<number, Attempt[]>();
    for (const each of this.#database.all(statement, this.#account).map(attemptIn)) {
      slots.set(each.nonce, [...(slots.get(each.nonce) ?? []), each]);
    }
    return [...slots.values()] as unknown as readonly Slot[];
  }

  /** Closes a nonce for good: one of its transactions is mined, or another's where the hash is undefined. */
  close(nonce: number, mined: string | undefined): void {
    this.#database.run(
      `UPDATE sending_attempt SET state = CASE WHEN hash = ? THEN 'mined' ELSE 'dead' END
         WHERE account = ? AND nonce = ? AND state = 'live'`,
      ...([mined ?? "", this.#account, nonce] as const),
    );
  }

  /**
   * Opens the nonces from one on again, at most so many, and what was brought about under them: the chain has lost what was mined.
   *
   * @returns How many attempts live again.
   */
  reopen(from: number, count: number): number {
    const nonces = [this.#account, from, from + count] as const;
    return this.#database.transaction(() => {
      this.#database.run(
        `UPDATE sending_intention SET outcome = NULL, ended_at = NULL WHERE account = ?1 AND key IN
           (SELECT key FROM sending_attempt WHERE account = ?1 AND nonce >= ?2 AND nonce < ?3 AND state = 'mined')`,
        ...nonces,
      );
      return this.#database.run(
        "UPDATE sending_attempt SET state = 'live' WHERE account = ? AND nonce >= ? AND nonce < ? AND state <> 'live'",
        ...nonces,
      );
    });
  }

  /** The nonce of a transaction that was signed here. */
  nonceOf(hash: string): number | undefined {
    const statement = "SELECT nonce FROM sending_attempt WHERE account = ? AND hash = ?";
    const row = this.#database.get(statement, this.#account, hash);
    return row && number(row, "nonce");
  }

  /** Whether something that was signed for an intention can be mined. */
  isAlive(key: string): boolean {
    const statement = "SELECT 1 FROM sending_attempt WHERE account = ? AND key = ? AND state = 'live' LIMIT 1";
    return this.#database.get(statement, this.#account, key) !== undefined;
  }

  /** Whether something was ever signed for an intention. */
  wasSigned(key: string): boolean {
    const statement = "SELECT 1 FROM sending_attempt WHERE account = ? AND key = ? LIMIT 1";
    return this.#database.get(statement, this.#account, key) !== undefined;
  }

  /** The highest nonce that something was signed under; undefined where nothing ever was. */
  highestNonce(): number | undefined {
    const statement = "SELECT max(nonce) AS nonce FROM sending_attempt WHERE account = ?";
    const row = this.#database.get(statement, this.#account);
    return row && optional(number, row, "nonce");
  }

  /** Forgets what ended before a time of the chain, in Unix milliseconds; never the newest nonce. */
  prune(before: number): void {
    this.#database.transaction(() => {
      this.#database.run(
        "DELETE FROM sending_intention WHERE account = ? AND outcome IS NOT NULL AND ended_at < ?",
        ...([this.#account, before] as const),
      );
      this.#database.run(
        `DELETE FROM sending_attempt WHERE account = ?1 AND state <> 'live' AND signed_at < ?2
           AND nonce < (SELECT max(nonce) FROM sending_attempt WHERE account = ?1)
           AND NOT EXISTS (SELECT 1 FROM sending_intention i WHERE i.account = ?1 AND i.key = sending_attempt.key)`,
        ...([this.#account, before] as const),
      );
    });
  }

  /** Does several things at once, or none. */
  transaction<T>(work: () => T): T {
    return this.#database.transaction(work);
  }
}

function intentionIn(row: Row): KeptIntention {
  const transaction: ContractTransaction = {
    to: text(row, "recipient"),
    data: text(row, "data"),
    value: BigInt(text(row, "value")),
  };
  return {
    ...{ key: text(row, "key"), purpose: text(row, "purpose"), transaction },
    ...{ deadline: optional(number, row, "deadline"), isUrgent: number(row, "urgent") === 1 },
    signBy: optional(number, row, "sign_by"),
    outcome: optional(text, row, "outcome"),
  };
}

const attemptIn = (row: Row): Attempt => ({
  ...{ hash: text(row, "hash"), nonce: number(row, "nonce"), key: optional(text, row, "key") },
  ...{ raw: text(row, "raw"), signedAt: number(row, "signed_at") },
});
