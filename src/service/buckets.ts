/** How often something may be asked for. */
export interface Rate {
  /** How many more a second. */
  readonly perSecond: number;
  /** How many at once after a pause. */
  readonly burst: number;
}

/** How much somebody may still do, and when that was counted. */
interface Bucket {
  tokens: number;
  at: number;
}

/** Buckets that fill by themselves, one a client. */
export class Buckets {
  readonly #rate: Rate;
  readonly #most: number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param most How many clients are remembered; the one that asked longest ago is forgotten first. */
  constructor(rate: Rate, most: number) {
    [this.#rate, this.#most] = [rate, most];
  }

  /**
   * Takes one out.
   *
   * @param now Unix milliseconds.
   * @returns Seconds to wait where there is none; 0 where there was.
   */
  take(key: string, now: number): number {
    const { perSecond, burst } = this.#rate;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    // A clock that is set back fills nothing.
    const passed = Math.max(0, now - bucket.at) / 1000;
    const tokens = Math.min(burst, bucket.tokens + passed * perSecond);
    const isAllowed = tokens >= 1;
    // Put in anew, so that the oldest comes first.
    this.#buckets.delete(key);
    this.#makeRoom();
    this.#buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, at: now });
    return isAllowed ? 0 : (1 - tokens) / perSecond;
  }

  #makeRoom(): void {
    const oldest = this.#buckets.keys().next();
    if (this.#buckets.size >= this.#most && oldest.done !== true) this.#buckets.delete(oldest.value);
  }
}
