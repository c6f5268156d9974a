import { createHash } from "node:crypto";

import { MAX_SECRET_SIZE } from "../../data/secrets.ts";
import type { OrderName } from "../deployments/records.ts";
import { Problem } from "../problems/problem.ts";
import type { Database } from "../../service/store/database.ts";
import { bytes, number, text } from "../../service/store/rows.ts";

/** A secret as its user sees it again: never its values. */
export interface SecretEntry {
  readonly name: string;
  readonly version: number;
  readonly keys: readonly string[];
  /** Unix milliseconds. */
  readonly changedAt: number;
}

/** A value as it was sent: sealed. */
export interface SealedValue {
  readonly key: string;
  readonly sealed: Uint8Array;
}

/** What an order may keep here. */
const MOST_SECRETS = 32;
const MOST_KEYS = 32;
/** Bytes around a value, generously: ephemeral key, nonce, tag and context. */
const OVERHEAD = 2_048;
const MOST_BYTES = 512 * 1024;

/** The secrets that users have sent: sealed, and only so. */
export class SealedSecrets {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now Unix milliseconds. */
  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Keeps a secret in place of its version before. Sending the same again changes nothing.
   *
   * @returns Whether anything changed.
   * @throws {Problem} `secret-version-used`, `secret-too-large`.
   */
  put({ order, terms }: OrderName, name: string, version: number, values: readonly SealedValue[]): boolean {
    requireSizes(values);
    const digest = digestOf(version, values);
    return this.#database.transaction(() => {
      const before = this.#database.get(
        "SELECT version, digest FROM secret WHERE order_id = ? AND terms = ? AND name = ?",
        ...[order, terms, name],
      );
      if (before !== undefined && number(before, "version") >= version) {
        if (text(before, "digest") === digest) return false;
        const detail = `Secret ${name} has version ${String(number(before, "version"))}; version ${String(version)} is not newer`;
        throw new Problem("secret-version-used", detail);
      }
      this.#clear({ order, terms }, name);
      this.#database.run(
        `INSERT INTO secret VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO UPDATE SET
         version = excluded.version, digest = excluded.digest, changed_at = excluded.changed_at, is_deleted = 0`,
        ...[order, terms, name, version, digest, this.#now()],
      );
      for (const { key, sealed } of values) {
        this.#database.run("INSERT INTO secret_entry VALUES (?, ?, ?, ?, ?)", order, terms, name, key, sealed);
      }
      this.#requireRoom({ order, terms });
      return true;
    });
  }

  /** An order's secrets by name. */
  list({ order, terms }: OrderName): SecretEntry[] {
    const statement = "SELECT * FROM secret WHERE order_id = ? AND terms = ? AND is_deleted = 0 ORDER BY name";
    return this.#database.all(statement, order, terms).map((row) => {
      const name = text(row, "name");
      const keys = this.#database
        .all(
          "SELECT key FROM secret_entry WHERE order_id = ? AND terms = ? AND name = ? ORDER BY key",
          order,
          terms,
          name,
        )
        .map((entry) => text(entry, "key"));
      return { name, version: number(row, "version"), keys, changedAt: number(row, "changed_at") };
    });
  }

  /** The version of a secret that is there. */
  versionOf({ order, terms }: OrderName, name: string): number | undefined {
    const statement = "SELECT version FROM secret WHERE order_id = ? AND terms = ? AND name = ? AND is_deleted = 0";
    const row = this.#database.get(statement, order, terms, name);
    return row === undefined ? undefined : number(row, "version");
  }

  /** A value, sealed. */
  sealedOf({ order, terms }: OrderName, name: string, key: string): Uint8Array | undefined {
    const statement = "SELECT sealed FROM secret_entry WHERE order_id = ? AND terms = ? AND name = ? AND key = ?";
    const row = this.#database.get(statement, order, terms, name, key);
    return row === undefined ? undefined : bytes(row, "sealed");
  }

  /**
   * Deletes a secret; applications that run keep it until they are deployed again. Its version stays, so nothing older can be sent again.
   *
   * @throws {Problem} `secret-not-found`.
   */
  delete({ order, terms }: OrderName, name: string): void {
    this.#database.transaction(() => {
      const deleted = this.#database.run(
        `UPDATE secret SET is_deleted = 1, changed_at = ?, digest = ''
         WHERE order_id = ? AND terms = ? AND name = ? AND is_deleted = 0`,
        ...[this.#now(), order, terms, name],
      );
      if (deleted === 0) throw new Problem("secret-not-found", `Order ${String(order)} has no secret ${name}`);
      this.#clear({ order, terms }, name);
    });
  }

  /** Forgets all secrets of an order. */
  forget({ order, terms }: OrderName): void {
    this.#database.run("DELETE FROM secret WHERE order_id = ? AND terms = ?", order, terms);
  }

  #clear({ order, terms }: OrderName, name: string): void {
    this.#database.run("DELETE FROM secret_entry WHERE order_id = ? AND terms = ? AND name = ?", order, terms, name);
  }

  /** Checks, once they are written, that an order's secrets are not too many. Deleted ones count: their versions are kept. */
  #requireRoom({ order, terms }: OrderName): void {
    const secrets = this.#database.get(
      "SELECT count(*) AS n FROM secret WHERE order_id = ? AND terms = ?",
      order,
      terms,
    );
    if (number(secrets ?? {}, "n") > MOST_SECRETS) {
      throw new Problem(
        "secret-too-large",
        `An order has at most ${String(MOST_SECRETS)} secrets, deleted ones included`,
      );
    }
    const size = this.#database.get(
      "SELECT coalesce(sum(length(sealed)), 0) AS n FROM secret_entry WHERE order_id = ? AND terms = ?",
      ...[order, terms],
    );
    if (number(size ?? {}, "n") <= MOST_BYTES) return;
    throw new Problem(
      "secret-too-large",
      `An order's sealed secrets have at most ${String(MOST_BYTES)} bytes together`,
    );
  }
}

function requireSizes(values: readonly SealedValue[]): void {
  if (values.length > MOST_KEYS) {
    throw new Problem(
      "secret-too-large",
      `A secret has at most ${String(MOST_KEYS)} keys, not ${String(values.length)}`,
    );
  }
  const large = values.find(({ sealed }) => sealed.length > MAX_SECRET_SIZE + OVERHEAD);
  if (large === undefined) return;
  throw new Problem("secret-too-large", `The value of ${large.key} has more than ${String(MAX_SECRET_SIZE)} bytes`);
}

function digestOf(version: number, values: readonly SealedValue[]): string {
  const hash = createHash("sha256").update(String(version));
  const sorted = [...values].sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { key, sealed } of sorted) hash.update(`\n${key} ${createHash("sha256").update(sealed).digest("hex")}`);
  return hash.digest("hex");
}
