import { plain } from "../parts/format.ts";

/** The most characters of a token's symbol: it stands beside each amount. */
const LONGEST = 16;

/** What a token calls itself, such that it can stand beside amounts. */
export function symbolOf(symbol: string): string {
  return plain(symbol, LONGEST);
}
