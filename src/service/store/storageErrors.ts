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

/** A failure of the database's surroundings: `storage-full`, its disk is full; `storage-unavailable`, it cannot be read or written now. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly code: "storage-full" | "storage-unavailable";

  constructor(code: StorageError["code"], message: string, options: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * What an error of the database says of its surroundings.
 *
 * @param owner Whose database it is, such as "gateway".
 * @returns Undefined for what is no failure of the surroundings, such as a broken constraint.
 */
export function storageError(error: unknown, owner: string): StorageError | undefined {
  const code = sqliteCodeOf(error);
  if (code === undefined) return undefined;
  if (code === SQLITE.FULL) {
    return new StorageError("storage-full", `No room is left for the ${owner}'s database`, { cause: error });
  }
  if (!PASSING.has(code)) return undefined;
  return new StorageError("storage-unavailable", `The ${owner}'s database cannot be used now`, { cause: error });
}
