import { getAddress, isAddress, isHexString } from "ethers";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { z } from "zod";

import { toJson } from "./outcome.ts";
import { formatDuration, parseAmount, parseDuration } from "../../src/amounts.ts";
import { parseForm } from "../../src/documents/parse.ts";
import { textOf } from "../../src/fileText.ts";
import { InputError } from "../../src/inputError.ts";

/** Reads an address. */
export function parseAddress(text: string): string {
  const known: boolean = isAddress(text);
  if (known) return getAddress(text);
  throw new InputError(
    `"${text}" is not an address`,
    "Give 0x and 40 hexadecimal digits; in mixed case, their checksum must be right.",
  );
}

/** Reads a whole number from `least` to `most`. */
export function parseNumber(text: string, what: string, most: bigint = 2n ** 64n - 1n, least = 0n): bigint {
  const value = /^\d+$/.test(text) ? BigInt(text) : undefined;
  if (value !== undefined && value >= least && value <= most) return value;
  const remedy = `Give a whole number from ${least.toString()} to ${most.toString()}.`;
  throw new InputError(`"${text}" is not a valid ${what}`, remedy);
}

/** Reads an id, from 1. */
export function parseId(text: string, what: string): bigint {
  return parseNumber(text, `${what} id`, 2n ** 64n - 1n, 1n);
}

/** Reads 32 bytes in hex. */
export function parseBytes32(text: string, what: string): string {
  if (isHexString(text, 32)) return text.toLowerCase();
  throw new InputError(`"${text}" is not a valid ${what}`, "Give 0x and 64 hexadecimal digits.");
}

/** The most seconds that contracts take as a duration: 24 bits of them. */
const MAX_DURATION = 2n ** 24n - 1n;

/** Reads a duration that a contract takes. */
export function parseShortDuration(text: string): bigint {
  const seconds = parseDuration(text);
  if (seconds <= MAX_DURATION) return seconds;
  throw new InputError(`The duration "${text}" is too long`, `Give at most ${formatDuration(MAX_DURATION)}.`);
}

/** Reads a fee or a price of a task, for which contracts have 96 bits. */
export function parseFee(text: string, decimals: number): bigint {
  const amount = parseAmount(text, decimals);
  if (amount < 2n ** 96n) return amount;
  throw new InputError(`The amount "${text}" is too large`, "Give less than 2^96 base units.");
}

/** Reads an absolute URL, and keeps it as it was written. */
export function parseUrl(text: string): string {
  if (URL.canParse(text) && text.includes("://")) return text;
  throw new InputError(`"${text}" is not an absolute URL`, "Give one such as https://node.example.");
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

/** Reads a JSON document of a known form from a file. */
export function readDocument<T>(file: string, schema: z.ZodType<T>, what: string): T {
  return parseForm(textOf(readBytes(file)) ?? "", schema, `"${file}"`, what);
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
