import { formatAmount, formatDuration, RATE_DECIMALS } from "../../../src/amounts.ts";
import { escapeText } from "../../../src/terminalText.ts";

/** A number as people read it, and exactly as it is. */
export interface Written {
  readonly text: string;
  readonly exact: string;
}

/** A number with its exact value beside it, where that says more. */
export function wholly({ text, exact }: Written): string {
  return text === exact ? text : `${text} (exactly ${exact})`;
}

/** Groups of three digits before the point, and so many digits after it: fewer where there are thousands, whose parts nobody reads. */
function grouped(decimal: string, most: number): string {
  const [whole = "0", fraction = ""] = decimal.split(".");
  const digits = whole.replace("-", "").length > 3 ? Math.min(most, 2) : most;
  const cut = fraction.slice(0, digits).replace(/0+$/, "");
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, " ");
  const isLost = cut === "" && fraction !== "" && whole.replace("-", "") === "0";
  return isLost ? `< 0.${"0".repeat(digits - 1)}1` : `${spaced}${cut === "" ? "" : `.${cut}`}`;
}

/** Token base units. */
export function writeAmount(amount: bigint, decimals: number, symbol: string): Written {
  const exact = formatAmount(amount, decimals);
  return { text: `${grouped(exact, 4)} ${symbol}`, exact: `${exact} ${symbol}` };
}

const HOUR = 3_600n;

/** A rate of token base units per second with 12 extra decimals, by the hour: rounded to whole base units, and exactly. */
export function writeRate(rate: bigint, decimals: number, symbol: string): Written {
  const exact = formatAmount(rate * HOUR, decimals + RATE_DECIMALS);
  const scale = 10n ** BigInt(RATE_DECIMALS);
  const rounded = formatAmount((rate * HOUR + scale / 2n) / scale, decimals);
  return { text: `${grouped(rounded, 6)} ${symbol}/h`, exact: `${exact} ${symbol} an hour` };
}

const STEPS = ["", "k", "M", "G", "T", "P", "E"] as const;

/** Hashes per second. */
export function writeHashRate(rate: bigint): Written {
  let step = 0;
  let value = Number(rate);
  while (value >= 1_000 && step < STEPS.length - 1) {
    value /= 1_000;
    step += 1;
  }
  const digits = value >= 100 || step === 0 ? 0 : value >= 10 ? 1 : 2;
  return { text: `${value.toFixed(digits)} ${STEPS[step] ?? ""}H/s`, exact: `${rate.toString()} hashes per second` };
}

/** In place of a moment that never comes: it is said of what holds until then. */
export const NO_END = "no end";

/** Unix seconds, in the reader's own time zone; exactly, in UTC. */
export function writeTime(seconds: bigint): Written {
  if (seconds > 253_402_300_799n) return { text: NO_END, exact: "no end is set" };
  const date = new Date(Number(seconds) * 1_000);
  const text = date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return { text, exact: `${date.toISOString().replace(".000Z", "Z")} (UTC)` };
}

/** Seconds, by their two largest units. */
export function writeDuration(seconds: bigint): Written {
  const exact = formatDuration(seconds < 0n ? 0n : seconds);
  const parts = exact.match(/\d+[dhms]/g) ?? ["0s"];
  return { text: parts.slice(0, 2).join(" "), exact: `${seconds.toString()} s` };
}

/** A share in basis points. */
export function writeShare(bps: bigint): string {
  return `${formatAmount(bps, 2)} %`;
}

/** A count with its noun: `1 order`, `2 orders`. */
export function counted(
  count: bigint | number,
  noun: string,
  plural = noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`,
): string {
  return `${grouped(count.toString(), 0)} ${count.toString() === "1" ? noun : plural}`;
}

/** A contract's name for something as words: `SWHardeningNeeded` is "SW Hardening Needed". */
export function spaced(name: string): string {
  return name.replace(/([a-z])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, "$& ");
}

/** A contract's name for something as words within a sentence: `UserClosed` is "user closed". */
export function said(name: string): string {
  return spaced(name).toLowerCase();
}

/** How a node was attested, in words: by whom, and what Intel says of its platform; nothing where it never was. */
export function attestedBy({ verifier, tcbStatus }: { readonly verifier: string; readonly tcbStatus: string }) {
  return verifier === "None" ? undefined : `${spaced(verifier)}, ${spaced(tcbStatus)}`;
}

/** More marks upon one letter than any script needs: piled up, they cover the lines above. */
const PILE = /(?<=\p{M}{4})\p{M}+/gu;

const written = (marks: string): string =>
  Array.from(marks, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`).join("");

/** What a stranger wrote, such that it can stand in a sentence: what would be obeyed, hidden or piled up is written out, and only so many characters are shown. */
export function plain(text: string, longest: number): string {
  const whole = escapeText(text).replace(PILE, written);
  return whole.length > longest ? `${whole.slice(0, longest)}…` : whole;
}

/** A long hexadecimal text by its ends. */
export function shortened(hex: string): string {
  return hex.length <= 14 ? hex : `${hex.slice(0, 8)}…${hex.slice(-4)}`;
}
