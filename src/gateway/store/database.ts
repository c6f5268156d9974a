import { migrations } from "./migrations.ts";
import { Problem } from "../problems/problem.ts";
import { openStore, type Database } from "../../service/store/database.ts";
import { StorageError } from "../../service/store/storageErrors.ts";

/** Seconds after which it may be worth to ask again. */
const RETRY_AFTER = { "storage-full": 60, "storage-unavailable": 5 } as const;

/** What whoever asked is told when the database failed. */
export const storageProblem = ({ code, message, cause }: StorageError): Problem =>
  new Problem(code, message, { cause, retryAfter: RETRY_AFTER[code] });

/**
 * Opens the gateway's database as {@link openStore} does. What it cannot do because of its surroundings is a Problem.
 *
 * @param file Its path, or ":memory:".
 */
export function openDatabase(file: string): Database {
  return openStore(file, { owner: "gateway", migrations, failure: storageProblem });
}
