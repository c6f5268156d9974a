import { parseNumber } from "../support/inputs.ts";

/** Reads how many reward periods to look at. */
export function parsePeriods(text: string): bigint {
  return parseNumber(text, "number of periods", 1000n, 1n);
}
