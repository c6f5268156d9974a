import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { migrations } from "./migrations.ts";
import { InputError } from "../../inputError.ts";

/** The gateway's database: one process writes it. */
export interface Database {
  readonly sql: DatabaseSync;
  /**
   * Runs a function in a transaction: all of what it writes is there afterwards, or nothing. A transaction within one joins it.
   */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Milliseconds to wait for another process that writes, such as a backup. */
const BUSY = 2_000;

/**
 * Opens the database, makes it if there is none, and brings an older one up to date.
 *
 * @param file Its path, or ":memory:".
 * @throws {InputError} For a database that a newer version of this software has written.
 */
export function openDatabase(file: string): Database {
  if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const sql = new DatabaseSync(file, { enableForeignKeyConstraints: true, timeout: BUSY });
  try {
    // What a transaction wrote is on the disk when it ends, also if the power fails.
    sql.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;");
    migrate(sql, file);
  } catch (error) {
    sql.close();
    throw error;
  }
  return {
    sql,
    transaction: (work) => (sql.isTransaction ? work() : within(sql, work)),
    close: () => {
      sql.close();
    },
  };
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

/** Runs the migrations that a database has not seen, each in a transaction with its new version. */
function migrate(sql: DatabaseSync, file: string): void {
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
