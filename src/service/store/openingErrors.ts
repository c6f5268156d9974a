import { dirname } from "node:path";

import { SQLITE, sqliteCodeOf } from "./storageErrors.ts";
import { InputError } from "../../inputError.ts";

/** What people are told when a database does not open, by what SQLite or the operating system calls it. */
interface Explanation {
  readonly codes: readonly (number | string)[];
  readonly problem: (file: string) => string;
  readonly remedy: (owner: string) => string;
}

const EXPLANATIONS: readonly Explanation[] = [
  {
    codes: [SQLITE.CORRUPT, SQLITE.NOTADB],
    problem: (file) => `The database ${file} is damaged, or is no database of SQLite`,
    remedy: (owner) =>
      "Restore a backup of it; without one, move it away with the files that begin with its name and start again" +
      (owner === "gateway"
        ? ": applications that run are found by their labels, but deployments, secrets, logs and usage are gone."
        : "."),
  },
  {
    codes: [SQLITE.FULL, "ENOSPC", "EDQUOT"],
    problem: (file) => `The disk of ${dirname(file)} is full`,
    remedy: () => "Free some space, then start again.",
  },
  {
    codes: [SQLITE.BUSY, SQLITE.LOCKED],
    problem: (file) => `Another process writes the database ${file}`,
    remedy: () => "Wait until it is done, or stop it, then start again.",
  },
  {
    codes: [
      ...[SQLITE.PERM, SQLITE.READONLY, SQLITE.CANTOPEN, SQLITE.IOERR],
      ...["EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR", "EEXIST", "EISDIR"],
    ],
    problem: (file) => `The database ${file} cannot be opened for writing`,
    remedy: (owner) =>
      `Let the ${owner}'s account write the folder, or set another one as \`data\` in the configuration.`,
  },
];

/** What people are told of an error that came while a database was opened; the error itself where that is not known. */
export function openingError(error: unknown, file: string, owner: string): unknown {
  if (error instanceof InputError) return error;
  const code = sqliteCodeOf(error) ?? (error as NodeJS.ErrnoException | undefined)?.code;
  const known = EXPLANATIONS.find(({ codes }) => code !== undefined && codes.includes(code));
  return known === undefined ? error : new InputError(known.problem(file), known.remedy(owner), { cause: error });
}
