import type { Provider } from "ethers";

import { DeploymentError } from "./errors.ts";

/** How often a chain makes blocks. */
export interface BlockTime {
  /** Between two blocks, in the middle one of the stretches that were measured. */
  readonly milliseconds: number;
  /** Over how many of the latest blocks that was measured. */
  readonly blocks: number;
}

/** So many stretches are measured: a chain that has stood still in one of them does not seem slow. */
const STRETCHES = 9;
/** The most blocks of a stretch: block times are whole seconds, so that a short one would say little of a fast chain. */
const LONGEST = 120;
/** The fewest blocks of a stretch; a younger chain has not shown yet how often it makes them. */
const SHORTEST = 8;
/** Seconds that a shorter stretch than the longest must take at least, so that a whole second more or less is little of it. */
const TELLING = 20;

/**
 * Measures how often a chain makes blocks, from the times of its latest ones.
 *
 * @returns Nothing where the chain has made too few blocks, or makes them when there is something to put in, as some local ones do.
 */
export async function measureBlockTime(
  provider: Pick<Provider, "getBlock" | "getBlockNumber">,
  isOnDemand: boolean,
): Promise<BlockTime | undefined> {
  if (isOnDemand) return undefined;
  const last = await provider.getBlockNumber();
  const length = Math.min(LONGEST, Math.floor(last / STRETCHES));
  if (length < SHORTEST) return undefined;
  const numbers = Array.from({ length: STRETCHES + 1 }, (_, i) => last - i * length);
  const blocks = await Promise.all(numbers.map(async (number) => provider.getBlock(number)));
  const times = blocks.map((block) => block?.timestamp);
  const spans = times.slice(1).map((time, i) => (times[i] ?? NaN) - (time ?? NaN));
  const [middle] = spans.sort((a, b) => a - b).slice((STRETCHES - 1) / 2);
  if (middle === undefined || spans.some(Number.isNaN) || (length < LONGEST && middle < TELLING)) return undefined;
  return { milliseconds: Math.round((middle * 1000) / length), blocks: STRETCHES * length };
}

/** By how much, in percent of the measured time, what is stated may differ before that is told, and before it is refused. */
const TOLD = 10;
const REFUSED = 25;

/** How far the stated time is from the measured one, in percent of it. */
const deviation = (stated: number, { milliseconds }: BlockTime): number =>
  (Math.abs(stated - milliseconds) * 100) / Math.max(1, milliseconds);

/** A block time as it is stated, beside how it was measured; a difference that one must know of is told. */
export function describeBlockTime(stated: number, measured: BlockTime | undefined): string {
  if (measured === undefined) return `${String(stated)}, which could not be held against the chain's latest blocks`;
  const { milliseconds, blocks } = measured;
  const seen = `the latest ${String(blocks)} blocks came every ${String(milliseconds)}`;
  return deviation(stated, measured) <= TOLD ? `${String(stated)}; ${seen}` : `${String(stated)}, BUT ${seen}`;
}

/**
 * Refuses a stated block time that the chain contradicts: odds and windows are held against it, and nothing can change them later.
 *
 * @throws {DeploymentError} With the code `BLOCK_TIME`.
 */
export function checkBlockTime(stated: number, measured: BlockTime | undefined): void {
  if (measured === undefined || deviation(stated, measured) <= REFUSED) return;
  const { milliseconds, blocks } = measured;
  const problem = `blockMilliseconds is ${String(stated)}, and the chain's latest ${String(blocks)} blocks came every ${String(milliseconds)} milliseconds`;
  const remedy = `Give blockMilliseconds ${String(milliseconds)}, with lotteryOdds and windows that fit it: docs/chains.md has them by block time.`;
  throw new DeploymentError("BLOCK_TIME", problem, remedy);
}
