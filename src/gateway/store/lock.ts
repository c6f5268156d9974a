import { DatabaseSync } from "node:sqlite";

import { SQLITE, sqliteCodeOf } from "./storageErrors.ts";
import { InputError } from "../../inputError.ts";

/**
 * Holds a database's file for this process, until it lets go or ends, however it ends: what is held is a lock of the operating system on a file
 * beside it, so that nothing stale can stay behind. The database itself stays readable, for backups.
 *
 * @param file The database's path.
 * @returns What lets go.
 * @throws {InputError} When another gateway holds it.
 */
export function holdDatabase(file: string): () => void {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec("BEGIN IMMEDIATE");
    lock.exec("CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL) STRICT; DELETE FROM holder;");
    lock.prepare("INSERT INTO holder VALUES (?)").run(process.pid);
    lock.exec("COMMIT");
    // A reserved lock lets others read who holds it, and nobody else reserve it.
    lock.exec("BEGIN IMMEDIATE");
  } catch (error) {
    const holder = sqliteCodeOf(error) === SQLITE.BUSY ? holderOf(lock) : undefined;
    lock.close();
    if (holder === undefined) throw error;
    throw new InputError(
      `The database ${file} is in use by another gateway, ${holder}`,
      "Stop that one, or give this gateway a data folder of its own.",
      { cause: error },
    );
  }
  return () => {
    lock.close();
  };
}

function holderOf(lock: DatabaseSync): string {
  try {
    return `process ${String(lock.prepare("SELECT pid FROM holder").get()?.["pid"])}`;
  } catch {
    return "whose process is just starting";
  }
}
