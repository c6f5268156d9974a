import { formatDuration, formatTime } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";
import { PROOF_COUNT, type Prover, ProofSearchError, type SearchProgress, type Solution } from "../../src/pow/index.ts";

/** What to search. */
export interface SearchTerms {
  readonly epoch: bigint;
  readonly prefix: string;
  readonly target: bigint;
  /** Unix seconds until which the chain takes an answer. */
  readonly answerBy: bigint;
  /** The chain's time, in Unix seconds. */
  readonly now: bigint;
}

const whole = (value: number): string => Math.round(value).toLocaleString("en");

/** How many hashes an answer is expected to take. */
const hashesFor = (target: bigint): number => Number((BigInt(PROOF_COUNT) << 256n) / target);

/** Seconds after which a rate says something. */
const SETTLED = 3;

/** How far a search is, and whether it will be too late at its rate. */
export function describeSearch(progress: SearchProgress, target: bigint, window: number): string {
  const { found, hashes, rate, seconds } = progress;
  const needed = hashesFor(target) / window;
  const tooSlow =
    seconds >= SETTLED && rate * window < hashesFor(target) ? `, too slow: it takes ${whole(needed)}` : "";
  return `${String(found)} of ${String(PROOF_COUNT)} found, ${whole(hashes)} hashes, ${whole(rate)} a second${tooSlow}`;
}

/** A search that did not come to an end in time. */
function tooSlow(error: ProofSearchError, { epoch, target }: SearchTerms, window: number): InputError {
  const { found = 0, rate = 0, seconds = 0 } = error.progress ?? {};
  const problem =
    `The window of epoch ${epoch.toString()} closed with ${String(found)} of ${String(PROOF_COUNT)} hashes found: ` +
    `this machine made ${whole(rate)} hashes a second for ${String(Math.round(seconds))} s, and about ${whole(hashesFor(target) / window)} a second would have done`;
  const remedy =
    "Start as soon as the epoch is challenged, give it all --threads, or take hardware as strong as what was declared.";
  return new InputError(problem, remedy, { cause: error });
}

/**
 * Searches an answer for as long as the chain takes it.
 *
 * @throws {InputError} When it is too late, or the machine is too slow.
 */
export async function searchAnswer(
  prover: Prover,
  terms: SearchTerms,
  tell: (detail: string) => void,
): Promise<Solution> {
  const { epoch, prefix, target, answerBy, now } = terms;
  const window = Number(answerBy - now);
  if (window <= 0) {
    const late = formatDuration(now - answerBy);
    const problem = `The answers to the challenge of epoch ${epoch.toString()} were taken until ${formatTime(answerBy)}, ${late} ago by the chain's time`;
    throw new InputError(problem, "Wait for the next epoch's challenge: `proof status` shows it.");
  }
  const deadline = Date.now() + window * 1000;
  try {
    const onProgress = (progress: SearchProgress): void => {
      tell(describeSearch(progress, target, window));
    };
    return await prover.solve({ prefix, target, deadline, onProgress });
  } catch (error) {
    throw error instanceof ProofSearchError && error.code === "DEADLINE" ? tooSlow(error, terms, window) : error;
  }
}
