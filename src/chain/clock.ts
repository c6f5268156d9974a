import type { Block } from "./block.ts";

/** So many blocks count: after a jump of the machine's clock the estimate is right again when so many have come. */
const KEPT = 64;

/** The part of the blocks, one in so many, whose differences are taken for an endpoint's lies where they are the least. */
const DOUBTED = 4;

/**
 * The chain's time as the machine's clock tells it. A block is heard of some time after its own, never before, so a small one of the differences
 * seen is how far the two clocks are apart, and a little more. Not the least: an endpoint can tell of a block that does not exist, of a time to come.
 */
export class ChainClock {
  readonly #now: () => number;
  readonly #differences: number[] = [];

  /** @param now Unix milliseconds of the machine's clock. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes note of a block that was just heard of. */
  observe(block: Block): void {
    this.#differences.push(this.#now() - block.time * 1000);
    if (this.#differences.length > KEPT) this.#differences.shift();
  }

  /** Milliseconds by which the machine's clock is ahead of the chain's; 0 before a block was heard of. */
  get ahead(): number {
    const sorted = [...this.#differences].sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length / DOUBTED)] ?? 0;
  }

  /** Unix milliseconds by the chain's clock, now. */
  now(): number {
    return this.#now() - this.ahead;
  }

  /** When the chain's clock will say so, in Unix milliseconds of the machine's clock. @param time Unix seconds. */
  locally(time: bigint): number {
    return Number(time) * 1000 + this.ahead;
  }
}
