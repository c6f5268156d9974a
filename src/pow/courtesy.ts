import { type EngineOptions } from "./engineKind.ts";
import { ProofSearchError } from "./errors.ts";

/** The most that a process can give way. */
const MAX_NICENESS = 19;

/** How much an engine gives way to other work. */
export type Courtesy = Readonly<Record<"niceness" | "cpuShare", number>>;

/**
 * Reads how much an engine is to give way to other work; by default not at all.
 *
 * @throws {ProofSearchError} With code INVALID_OPTION when it makes no sense.
 */
export function courtesyOf({ niceness = 0, cpuShare = 1 }: EngineOptions): Courtesy {
  requireThat(
    Number.isInteger(niceness) && niceness >= 0 && niceness <= MAX_NICENESS,
    `The niceness must be a whole number from 0 to ${MAX_NICENESS}, not ${niceness}`,
  );
  requireThat(cpuShare > 0 && cpuShare <= 1, `The share of the time must be above 0 and at most 1, not ${cpuShare}`);
  return { niceness, cpuShare };
}

function requireThat(isValid: boolean, problem: string): void {
  if (!isValid) throw new ProofSearchError("INVALID_OPTION", problem);
}
