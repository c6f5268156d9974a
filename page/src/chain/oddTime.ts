import { writeDuration } from "../parts/format.ts";

/** Seconds by which a newest block may be off this machine's clock before people are told. */
const FRESH = 900n;

/**
 * What is odd about when the newest block is of, by the reader's clock: an endpoint that stands still from the start shows no older block
 * than was seen, and one that is ahead says that what is due later is over.
 *
 * @param now Unix seconds.
 * @returns Nothing on a local chain: its clock is moved by hand.
 */
export function oddTime(timestamp: bigint, chainId: bigint, now: bigint): string | undefined {
  if (chainId === 31337n) return undefined;
  if (now - timestamp > FRESH) return `shows a newest block that is ${writeDuration(now - timestamp).text} old`;
  if (timestamp - now <= FRESH) return undefined;
  return `shows a block that is ${writeDuration(timestamp - now).text} ahead of this machine's clock`;
}
