import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";

import { InputError } from "./inputError.ts";

/** Bits of a file's mode by which others can read, write or run it, or its group write it; a group may read, as orchestrators mount secrets. */
const REFUSED = 0o027;

/**
 * Reads a file that holds a secret.
 *
 * @param name What it is, for errors, such as "providerKey".
 * @throws {InputError} When it cannot be read, or others on the machine can read it.
 */
export function readProtected(name: string, file: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (cause) {
    throw new InputError(`${name} cannot be read from ${file}`, "Name a file that this account can read.", { cause });
  }
  try {
    const mode = fstatSync(descriptor).mode & 0o777;
    if (process.platform !== "win32" && (mode & REFUSED) !== 0) {
      throw new InputError(
        `${name}: ${file} has the mode ${mode.toString(8).padStart(4, "0")}, so others can use it`,
        `Run: chmod 600 ${file}`,
      );
    }
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}
