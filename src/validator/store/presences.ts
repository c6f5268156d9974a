import type { Database } from "../../service/store/database.ts";
import { number, text } from "../../service/store/rows.ts";

/** So many processes of one seat are remembered, the newest. */
const MOST = 16;
/** Milliseconds for which a nonce is remembered at least, and twice as long at most: longer than a request counts. */
const NONCE_LIFE = 1_800_000;

/** What shows that a process spoke in a seat's name: the seat's own signature. */
export interface Presence {
  readonly instance: string;
  /** Unix seconds, by the clock of whoever spoke. */
  readonly sentAt: number;
  readonly nonce: string;
  readonly signature: string;
}

/** Which processes spoke in which seat's name, and which requests were taken. */
export class PresenceStore {
  readonly #database: Database;
  readonly #elapsed: () => number;
  /** When it was looked last which nonces are old, and the newest of then. */
  #mark: { readonly at: number; readonly id: number };

  /** @param elapsed Milliseconds since whatever moment: a clock that nobody sets. */
  constructor(database: Database, elapsed: () => number = () => performance.now()) {
    [this.#database, this.#elapsed] = [database, elapsed];
    this.#mark = { at: elapsed(), id: 0 };
  }

  /** Remembers what a process said last in a seat's name. */
  see(seat: string, { instance, sentAt, nonce, signature }: Presence): void {
    const statement =
      "INSERT INTO presences (seat, instance, sent_at, nonce, signature) VALUES (?, ?, ?, ?, ?) ON CONFLICT (seat, instance) DO UPDATE SET sent_at = excluded.sent_at, nonce = excluded.nonce, signature = excluded.signature WHERE excluded.sent_at > sent_at";
    this.#database.run(statement, seat, instance, sentAt, nonce, signature);
    this.#database.run(
      "DELETE FROM presences WHERE seat = ?1 AND instance NOT IN (SELECT instance FROM presences WHERE seat = ?1 ORDER BY sent_at DESC LIMIT ?2)",
      ...([seat, MOST] as const),
    );
  }

  of(seat: string): Presence[] {
    return this.#database.all("SELECT * FROM presences WHERE seat = ? ORDER BY sent_at DESC", seat).map((row) => ({
      instance: text(row, "instance"),
      sentAt: number(row, "sent_at"),
      nonce: text(row, "nonce"),
      signature: text(row, "signature"),
    }));
  }

  /**
   * Uses a nonce up.
   *
   * @returns Whether it was unused.
   */
  useNonce(nonce: string): boolean {
    this.#forgetNonces();
    return this.#database.run("INSERT INTO taken_nonces (nonce) VALUES (?) ON CONFLICT DO NOTHING", nonce) === 1;
  }

  /** Forgets nonces by the time that has passed: however this machine's clock is set meanwhile, none comes back. */
  #forgetNonces(): void {
    const { at, id } = this.#mark;
    const now = this.#elapsed();
    if (now - at < NONCE_LIFE) return;
    this.#database.run("DELETE FROM taken_nonces WHERE id <= ?", id);
    const newest = this.#database.get("SELECT coalesce(max(id), 0) AS id FROM taken_nonces");
    this.#mark = { at: now, id: newest === undefined ? 0 : number(newest, "id") };
  }
}
