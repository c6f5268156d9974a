import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { z } from "zod";

import { toJson } from "./outcome.ts";
import { formatDuration, parseDuration } from "../../src/amounts.ts";
import { parseForm } from "../../src/documents/parse.ts";
import { textOf } from "../../src/fileText.ts";
import { InputError } from "../../src/inputError.ts";

export { parseAddress, parseBytes32, parseFee, parseId, parseNumber, parseUrl } from "../../src/inputs.ts";

/** The most seconds that contracts take as a duration: 24 bits of them. */
const MAX_DURATION = 2n ** 24n - 1n;

/** Reads a duration that a contract takes. */
export function parseShortDuration(text: string): bigint {
  const seconds = parseDuration(text);
  if (seconds <= MAX_DURATION) return seconds;
  throw new InputError(`The duration "${text}" is too long`, `Give at most ${formatDuration(MAX_DURATION)}.`);
}

/** Takes an option without which the task cannot work. */
export function needed(value: string | undefined, option: string): string {
  if (value !== undefined) return value;
  throw new InputError(`--${option} is missing`, "See the task's --help.");
}

/** The bytes of a file. */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new InputError(`The file "${file}" cannot be read`, "Check its path.", { cause });
  }
}

/** Reads a JSON document of a known form from a file. See {@link parseForm}. */
export function readDocument<T>(file: string, schema: z.ZodType<T>, what: string, remedy?: string): T {
  return parseForm(textOf(readBytes(file)) ?? "", schema, `"${file}"`, what, remedy);
}

/** Writes a JSON document to a file. A secret one is for its owner's eyes only. */
export function writeDocument(file: string, document: unknown, { secret = false } = {}): void {
  writeFileSync(file, `${toJson(document)}\n`, secret ? { mode: 0o600 } : {});
}

/** Refuses to overwrite a file whose content cannot be made again. */
export function checkAbsent(file: string, remedy: string): void {
  if (isFile(file)) throw new InputError(`"${file}" already exists`, remedy);
}

/** Whether a file is there. */
export function isFile(file: string): boolean {
  return existsSync(file);
}
