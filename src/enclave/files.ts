import { closeSync, fstatSync, openSync, readSync, writeFileSync } from "node:fs";

import { sealedDataKeyDocument, type SealedDataKey } from "../data/documents.ts";
import { EnclaveError } from "./errors.ts";

const MAX_DOCUMENT_SIZE = 65_536;

/**
 * Reads a file of at most so many bytes; never a pipe or a device, which could keep the program waiting.
 *
 * @throws {EnclaveError} FILE_UNREADABLE.
 */
export function readLimited(file: string, limit: number): Uint8Array {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new EnclaveError("FILE_UNREADABLE", `"${file}" is not a file`);
    if (stat.size > limit) {
      throw new EnclaveError("FILE_UNREADABLE", `"${file}" has ${stat.size} bytes, more than ${limit}`);
    }
    const bytes = new Uint8Array(stat.size);
    let length = 0;
    for (let count = -1; count !== 0 && length < bytes.length; length += count) {
      count = readSync(descriptor, bytes, length, bytes.length - length, null);
    }
    return bytes.subarray(0, length);
  } catch (cause) {
    if (cause instanceof EnclaveError) throw cause;
    throw new EnclaveError("FILE_UNREADABLE", `"${file}" cannot be read`, { cause });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * Reads a sealed data key's document.
 *
 * @throws {EnclaveError} FILE_UNREADABLE, DOCUMENT_FORMAT.
 */
export function readSealedKey(file: string): SealedDataKey {
  const text = new TextDecoder().decode(readLimited(file, MAX_DOCUMENT_SIZE));
  try {
    return sealedDataKeyDocument.parse(JSON.parse(text));
  } catch {
    throw new EnclaveError("DOCUMENT_FORMAT", `"${file}" is not a sealed data key`);
  }
}

/**
 * Writes the sealed result, and nothing else is ever written.
 *
 * @throws {EnclaveError} FILE_UNWRITABLE.
 */
export function writeSealed(file: string, sealed: Uint8Array): void {
  try {
    writeFileSync(file, sealed);
  } catch (cause) {
    throw new EnclaveError("FILE_UNWRITABLE", `"${file}" cannot be written`, { cause });
  }
}
