/** Kubernetes' suffixes: how many times 2 to the tenth, or which power of ten. */
const BINARY: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const QUANTITY = /^\+?(?=\.?\d)(?<whole>\d*)(?:\.(?<fraction>\d*))?(?<suffix>[KMGTPE]i|[numkMGTPE]?|[eE][+-]?\d{1,2})$/;
/** Longer ones say nothing that anybody could mean. */
const MAX_LENGTH = 40;

/** An exact number: `numerator / 10 ** decimals`. */
interface Exact {
  readonly numerator: bigint;
  readonly decimals: number;
}

/** By which power of ten a suffix multiplies. */
const exponentOf = (suffix: string): number => DECIMAL[suffix] ?? Number(suffix.slice(1));

function exactOf(text: string): Exact | undefined {
  const groups = text.length > MAX_LENGTH ? undefined : QUANTITY.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { whole = "", fraction = "", suffix = "" } = groups;
  const digits = BigInt(`${whole}${fraction}`);
  const binary = BINARY[suffix];
  if (binary !== undefined) return { numerator: digits << binary, decimals: fraction.length };
  const decimals = fraction.length - exponentOf(suffix);
  if (decimals >= 0) return { numerator: digits, decimals };
  return { numerator: digits * 10n ** BigInt(-decimals), decimals: 0 };
}

/** What a quantity is worth, or why it is worth nothing. */
export type QuantityValue =
  { readonly kind: "value"; readonly value: number } | { readonly kind: "no-quantity" | "fraction" | "too-large" };

/**
 * Reads a quantity as Kubernetes writes it, such as `500m`, `0.5`, `512Mi`, `1e3`, exactly.
 *
 * @param scale In which parts of one the value is wanted: 1000 for thousandths of a core, 1 for bytes.
 * @returns The value in these parts, up to 2 ** 53 - 1; or that it is no such quantity, not a whole number of parts, or larger.
 */
export function parseQuantity(text: string, scale: 1 | 1000): QuantityValue {
  const exact = exactOf(text);
  if (exact === undefined) return { kind: "no-quantity" };
  const [scaled, divisor] = [exact.numerator * BigInt(scale), 10n ** BigInt(exact.decimals)];
  if (scaled % divisor !== 0n) return { kind: "fraction" };
  const value = scaled / divisor;
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? { kind: "too-large" } : { kind: "value", value: Number(value) };
}
