import { getAddress, isAddress, isHexString } from "ethers";

import { parseAmount, parseDuration } from "./amounts.ts";
import { InputError } from "./inputError.ts";

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

/**
 * Reads a time: a date, or how long from now.
 *
 * @param text `2027-01-31`, `2027-01-31T12:00:00Z`, or a duration such as `30d`.
 * @param now Unix seconds.
 * @returns Unix seconds.
 */
export function parseMoment(text: string, now: bigint): bigint {
  if (!/^\d{4}-/.test(text)) return now + parseDuration(text);
  const milliseconds = Date.parse(text);
  if (!Number.isNaN(milliseconds)) return BigInt(Math.floor(milliseconds / 1000));
  throw new InputError(
    `"${text}" is not a date`,
    "Give one such as 2027-01-31 or 2027-01-31T12:00:00Z, or a duration.",
  );
}
