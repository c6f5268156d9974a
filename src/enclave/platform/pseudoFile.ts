import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";

/**
 * Reads a file that only says how long it is by ending.
 *
 * @param most Bytes after which it is not read on.
 * @returns At most one byte more than that, so that what is too long can be told.
 * @throws {Error} Of the system.
 */
export function readPseudoFile(file: string, most: number): Uint8Array {
  const descriptor = openSync(file, constants.O_RDONLY);
  try {
    const bytes = new Uint8Array(most + 1);
    let length = 0;
    for (let count = -1; count !== 0 && length < bytes.length; length += count) {
      count = readSync(descriptor, bytes, length, bytes.length - length, null);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Writes a file that is there, in one piece, and makes none.
 *
 * @throws {Error} Of the system.
 */
export function writePseudoFile(file: string, bytes: Uint8Array): void {
  const descriptor = openSync(file, constants.O_WRONLY);
  try {
    const count = writeSync(descriptor, bytes);
    if (count !== bytes.length) throw new Error(`took ${count} of ${bytes.length} bytes`);
  } finally {
    closeSync(descriptor);
  }
}
