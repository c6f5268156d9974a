import { Problem } from "../problems/problem.ts";

/** What SQLite calls the failures that are told apart here: its primary result codes. */
export const SQLITE = {
  PERM: 3,
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
} as const;

/** What SQLite calls failures that no repetition of the same statement brings about by itself: the surroundings are to blame. */
const PASSING: ReadonlySet<number> = new Set(Object.values(SQLITE).filter((code) => code !== SQLITE.FULL));

/** SQLite's primary result code in an error of `node:sqlite`; undefined in any other error. */
export function sqliteCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

/**
 * What whoever asked is told when the database failed: `storage-full` when its disk is full, `storage-unavailable` when it cannot be read or
 * written now.
 *
 * @returns Undefined for what is no failure of the surroundings, such as a broken constraint.
 */
export function storageProblem(error: unknown): Problem | undefined {
  const code = sqliteCodeOf(error);
  if (code === undefined) return undefined;
  if (code === SQLITE.FULL) {
    return new Problem("storage-full", "No room is left for the gateway's database", { cause: error, retryAfter: 60 });
  }
  if (!PASSING.has(code)) return undefined;
  return new Problem("storage-unavailable", "The gateway's database cannot be used now", {
    cause: error,
    retryAfter: 5,
  });
}
