/** Nonces from `first` up to but without `end`. */
export interface NonceRange {
  readonly first: bigint;
  readonly end: bigint;
}

/** Which nonces of a search nobody has yet: each is taken once, unless it is given back. */
export class NonceRanges {
  /** Ascending: small nonces have zero bytes, which cost less on a chain. */
  readonly #free: NonceRange[];

  constructor(range: NonceRange) {
    this.#free = range.first < range.end ? [range] : [];
  }

  /** Whether all are taken. */
  get isEmpty(): boolean {
    return this.#free.length === 0;
  }

  /** Takes the smallest that there are: `count` of them, or fewer where what is free ends; undefined when all are taken. */
  take(count: bigint): NonceRange | undefined {
    const range = this.#free[0];
    if (range === undefined) return undefined;
    const end = range.end - range.first > count ? range.first + count : range.end;
    if (end === range.end) this.#free.shift();
    else this.#free[0] = { first: end, end: range.end };
    return { first: range.first, end };
  }

  /** Makes nonces free that were taken before. */
  giveBack(range: NonceRange): void {
    const position = this.#free.findIndex(({ first }) => first > range.first);
    this.#free.splice(position === -1 ? this.#free.length : position, 0, range);
  }
}
