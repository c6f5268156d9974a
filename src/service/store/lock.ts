import { DatabaseSync } from "node:sqlite";

import { SQLITE, sqliteCodeOf } from "./storageErrors.ts";
import { InputError } from "../../inputError.ts";

/**
 * Holds a database's file for this process, until it lets go or ends, however it ends: what is held is a lock of the operating system on a file
 * beside it, so that nothing stale can stay behind. The database itself stays readable, for backups.
 *
 * @param file The database's path.
 * @param owner The service that it is of, such as "gateway".
 * @returns What lets go.
 * @throws {InputError} When another process holds it.
 */
export function holdDatabase(file: string, owner: string): () => void {
  return holdFile(`${file}.lock`, (holder, cause) => {
    const problem = `The database ${file} is in use by another ${owner}, ${holder}`;
    return new InputError(problem, `Stop that one, or give this ${owner} a data folder of its own.`, { cause });
  });
}

/**
 * Holds a file, which is made if there is none, for this process until it lets go or ends. Its folder must be there.
 *
 * @param refusal What is thrown when another process holds it: told which one in words, and what the system said.
 * @returns What lets go.
 */
export function holdFile(file: string, refusal: (holder: string, cause: unknown) => Error): () => void {
  const lock = new DatabaseSync(file, { timeout: 0 });
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
    throw refusal(holder, error);
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
