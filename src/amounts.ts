import { InputError } from "./inputError.ts";

/** Extra decimals of a rate: token base units per second times 10^12. */
export const RATE_DECIMALS = 12;

const RATE_SCALE = 10n ** BigInt(RATE_DECIMALS);
const MAX_UINT128 = 2n ** 128n - 1n;
const SECONDS = { s: 1n, m: 60n, h: 3600n, d: 86_400n, w: 604_800n } as const;

/**
 * Reads a decimal amount of tokens.
 *
 * @param text Digits with at most one point, such as `12` or `0.25`. No sign, exponent, space or separator.
 * @param decimals The token's decimals.
 * @returns Token base units, at most 2^128 - 1.
 * @throws {InputError} For any other text, more decimals than the token has, or too large an amount.
 */
export function parseAmount(text: string, decimals = 18): bigint {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null)
    throw new InputError(
      `"${text}" is not an amount${orNegative(text)}`,
      "Give tokens in decimal, such as 12 or 0.25.",
    );
  const [, whole = "", fraction = ""] = match;
  if (fraction.length > decimals) {
    throw new InputError(`"${text}" has ${fraction.length} decimals`, `The token has ${decimals}.`);
  }
  const amount = BigInt(whole) * 10n ** BigInt(decimals) + BigInt(fraction.padEnd(decimals, "0") || "0");
  if (amount > MAX_UINT128) throw new InputError(`"${text}" is too large`, "Give less than 2^128 base units.");
  return amount;
}

const orNegative = (text: string): string => (/^-[\d.]/.test(text) ? ": it is negative" : "");

/** Writes token base units as a decimal amount, without trailing zeros. */
export function formatAmount(amount: bigint, decimals = 18): string {
  const sign = amount < 0n ? "-" : "";
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return sign + (fraction === "" ? whole : `${whole}.${fraction}`);
}

/**
 * Reads a price in time.
 *
 * @param text A decimal amount of tokens, an hour unless a unit follows: `0.5`, `0.5/h`, `12/d`, `0.001/s`.
 * @param decimals The token's decimals.
 * @returns Token base units per second with 12 extra decimals, rounded down, at least 1.
 * @throws {InputError} For any other text, a rate that rounds to zero, or one beyond 2^128 - 1.
 */
export function parseRate(text: string, decimals = 18): bigint {
  const match = /^([\d.]+)(?:\/([smhdw]))?$/.exec(text);
  if (match === null)
    throw new InputError(
      `"${text}" is not a price${orNegative(text)}`,
      "Give tokens per hour, such as 0.5, or per day: 12/d.",
    );
  const unit = (match[2] ?? "h") as keyof typeof SECONDS;
  const rate = (parseAmount(match[1] ?? "", decimals) * RATE_SCALE) / SECONDS[unit];
  if (rate === 0n) throw new InputError(`The price "${text}" rounds to zero`, "Give a higher one.");
  if (rate > MAX_UINT128) throw new InputError(`"${text}" is too large`, "Give a rate below 2^128.");
  return rate;
}

/** Writes a rate as decimal tokens an hour, rounded to the token's decimals. */
export function formatRate(ratePerSecond: bigint, decimals = 18): string {
  return `${formatAmount((ratePerSecond * SECONDS.h + RATE_SCALE / 2n) / RATE_SCALE, decimals)}/h`;
}

/** What a rate costs over some seconds, in token base units, rounded down as the escrow rounds. */
export function costOf(ratePerSecond: bigint, seconds: bigint): bigint {
  return (ratePerSecond * seconds) / RATE_SCALE;
}

/** Seconds that an amount of token base units lasts at a rate above 0, rounded down. */
export function secondsFor(amount: bigint, ratePerSecond: bigint): bigint {
  return (amount * RATE_SCALE) / ratePerSecond;
}

/** What a rate costs over some seconds, in token base units, rounded up as the escrow does where it asks for a deposit. */
export function costUpOf(ratePerSecond: bigint, seconds: bigint): bigint {
  return (ratePerSecond * seconds + RATE_SCALE - 1n) / RATE_SCALE;
}

/**
 * Reads a duration.
 *
 * @param text `90s`, `15m`, `2h`, `3d`, `1w`, or several from large to small: `1h30m`. A bare number is seconds.
 * @returns Seconds, at least 1.
 * @throws {InputError} For any other text, or zero.
 */
export function parseDuration(text: string): bigint {
  const match = /^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(text);
  const [, w = "0", d = "0", h = "0", m = "0", s = "0"] = match ?? [];
  const seconds =
    BigInt(w) * SECONDS.w + BigInt(d) * SECONDS.d + BigInt(h) * SECONDS.h + BigInt(m) * SECONDS.m + BigInt(s);
  if (match === null || seconds === 0n) {
    throw new InputError(`"${text}" is not a duration`, "Give one such as 90s, 15m, 2h, 3d or 1h30m.");
  }
  return seconds;
}

/** A number of units of a node in words: "1 unit", "7 units". */
export function formatUnits(units: bigint | number): string {
  return BigInt(units) === 1n ? "1 unit" : `${units.toString()} units`;
}

/** Writes seconds as a duration that {@link parseDuration} reads: `1h30m`. Zero is `0s`. */
export function formatDuration(seconds: bigint): string {
  let rest = seconds;
  const parts = (["d", "h", "m", "s"] as const).map((unit) => {
    const count = rest / SECONDS[unit];
    rest -= count * SECONDS[unit];
    return count === 0n ? "" : `${count.toString()}${unit}`;
  });
  return parts.join("") || "0s";
}

/** Writes Unix seconds as a date and time in UTC. What lies beyond the year 9999 is `never`. */
export function formatTime(seconds: bigint): string {
  if (seconds >= 253_402_300_800n) return "never";
  return new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "Z");
}
