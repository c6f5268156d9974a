import { formatAmount } from "../src/amounts.ts";

/** Decimals of amounts shown to people; checks are made on base units. */
const SHOWN_DECIMALS = 6;

/** A whole number with commas. */
export function whole(value: bigint | number): string {
  return Math.trunc(Number(value)) === Number(value)
    ? BigInt(value)
        .toString()
        .replace(/\B(?=(\d{3})+$)/g, ",")
    : whole(Math.round(Number(value)));
}

/** Base units as decimal tokens with commas, cut after six decimals. */
export function tokens(amount: bigint, decimals: number): string {
  const cut = 10n ** BigInt(Math.max(0, decimals - SHOWN_DECIMALS));
  const [integer = "", fraction] = formatAmount((amount / cut) * cut, decimals).split(".");
  const grouped = integer.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Hashes a second. */
export function hashRate(rate: number): string {
  return rate >= 1e6 ? `${(rate / 1e6).toFixed(1)} MH/s` : `${(rate / 1e3).toFixed(1)} kH/s`;
}

/** Seconds in the real world. */
export function wallClock(seconds: number): string {
  return `${seconds.toFixed(1)}s`;
}

/** The beginning of something in hex. */
export function short(hex: string): string {
  return `${hex.slice(0, 8)}…`;
}
