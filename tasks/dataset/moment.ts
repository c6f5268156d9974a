import { parseDuration } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";

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
