import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

import { holdDatabase } from "./lock.ts";
import { openingError } from "./openingErrors.ts";
import type { Row } from "./rows.ts";
import { storageError, type StorageError } from "./storageErrors.ts";
import { InputError } from "../../inputError.ts";

/**
 * A service's database: one process writes it. Whatever it cannot do because of its surroundings is thrown as its owner wants it told, a
 * {@link StorageError} by default, and then nothing was written.
 */
export interface Database {
  readonly sql: DatabaseSync;
  /** All rows that a statement gives. Statements are prepared once and kept. */
  all(statement: string, ...values: SQLInputValue[]): Row[];
  /** The first row that a statement gives. */
  get(statement: string, ...values: SQLInputValue[]): Row | undefined;
  /** Runs a statement; how many rows it has changed. */
  run(statement: string, ...values: SQLInputValue[]): number;
  /**
   * Runs a function in a transaction: all of what it writes is there afterwards, or nothing. A transaction within one joins it.
   */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Milliseconds to wait for another process that writes, such as a restored backup. Nothing else happens meanwhile, so it is short. */
const BUSY = 500;

/** Whose database is opened. */
export interface StoreOptions {
  /** The service, such as "gateway". */
  readonly owner: string;
  /** What brings a database from each version to the next, from an empty one on. What was released is never changed. */
  readonly migrations: readonly string[];
  /** How failures of the surroundings are thrown. */
  readonly failure?: ((error: StorageError) => Error) | undefined;
}

/**
 * Opens a database, makes it if there is none, checks it and brings an older one up to date. No other process can open it as long as this
 * one has it open.
 *
 * @param file Its path, or ":memory:".
 * @throws {InputError} For a database that another process has open, that is damaged, that cannot be written, or that a newer version of this
 * software has written.
 */
export function openStore(file: string, options: StoreOptions): Database {
  const release = prepareFile(file, options.owner);
  try {
    return new SqliteDatabase(file, options, release);
  } catch (error) {
    release();
    throw openingError(error, file, options.owner);
  }
}

/** Makes the folder and the file, readable by nobody else, and holds them for this process. */
function prepareFile(file: string, owner: string): () => void {
  if (file === ":memory:") return () => undefined;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // The files that SQLite makes beside it get its permissions.
    for (const path of [file, `${file}.lock`]) closeSync(openSync(path, "a", 0o600));
    return holdDatabase(file, owner);
  } catch (error) {
    throw openingError(error, file, owner);
  }
}

class SqliteDatabase implements Database {
  readonly sql: DatabaseSync;
  readonly #options: StoreOptions;
  readonly #release: () => void;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string, options: StoreOptions, release: () => void) {
    this.#options = options;
    this.#release = release;
    this.sql = new DatabaseSync(file, { enableForeignKeyConstraints: true, timeout: BUSY });
    try {
      // What a transaction wrote is on the disk when it ends, also if the power fails.
      this.sql.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;");
      requireSound(this.sql, file, options.owner);
      migrate(this.sql, file, options.migrations);
    } catch (error) {
      this.sql.close();
      throw error;
    }
  }

  all(statement: string, ...values: SQLInputValue[]): Row[] {
    return this.#told(() => this.#prepared(statement).all(...values));
  }

  get(statement: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#told(() => this.#prepared(statement).get(...values));
  }

  run(statement: string, ...values: SQLInputValue[]): number {
    return this.#told(() => Number(this.#prepared(statement).run(...values).changes));
  }

  transaction<T>(work: () => T): T {
    return this.sql.isTransaction ? work() : this.#told(() => within(this.sql, work));
  }

  close(): void {
    this.#statements.clear();
    this.sql.close();
    this.#release();
  }

  #prepared(statement: string): StatementSync {
    const known = this.#statements.get(statement) ?? this.sql.prepare(statement);
    this.#statements.set(statement, known);
    return known;
  }

  /** Runs something, and tells failures of the surroundings as the owner wants them told. */
  #told<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const failure = storageError(error, this.#options.owner);
      throw failure === undefined ? error : (this.#options.failure?.(failure) ?? failure);
    }
  }
}

function within<T>(sql: DatabaseSync, work: () => T): T {
  sql.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    sql.exec("COMMIT");
    return result;
  } catch (error) {
    if (sql.isTransaction) sql.exec("ROLLBACK");
    throw error;
  }
}

/** @throws {InputError} Unless SQLite finds the file sound. */
function requireSound(sql: DatabaseSync, file: string, owner: string): void {
  const found = sql.prepare("PRAGMA quick_check(1)").get();
  if (found?.["quick_check"] === "ok") return;
  throw openingError(Object.assign(new Error("quick_check"), { errcode: 11, found }), file, owner);
}

/** Runs the migrations that a database has not seen, each in a transaction with its new version. */
function migrate(sql: DatabaseSync, file: string, migrations: StoreOptions["migrations"]): void {
  const version = Number(sql.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > migrations.length) {
    const problem = `${file} is of version ${String(version)}; this software knows versions up to ${String(migrations.length)}`;
    throw new InputError(problem, "Start the newer software that wrote it, or choose another data folder.");
  }
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue;
    within(sql, () => {
      sql.exec(migration);
      sql.exec(`PRAGMA user_version = ${String(index + 1)}`);
    });
  }
}
