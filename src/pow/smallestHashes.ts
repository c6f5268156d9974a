/** One attempt that counts. */
interface Find {
  readonly hash: bigint;
  readonly nonce: bigint;
}

/** The smallest hashes offered so far, at most `count` of them, ascending. */
export class SmallestHashes {
  readonly #count: number;
  readonly #finds: Find[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  get size(): number {
    return this.#finds.length;
  }

  get full(): boolean {
    return this.#finds.length === this.#count;
  }

  /** The largest hash kept, or undefined when none is. */
  get largest(): bigint | undefined {
    return this.#finds.at(-1)?.hash;
  }

  get nonces(): bigint[] {
    return this.#finds.map(({ nonce }) => nonce);
  }

  /**
   * Keeps a hash if it is among the smallest, dropping the largest when there is no room.
   *
   * @returns False when this very hash is kept already.
   */
  offer(hash: bigint, nonce: bigint): boolean {
    const position = this.#position(hash);
    if (this.#finds[position]?.hash === hash) return false;
    this.#finds.splice(position, 0, { hash, nonce });
    if (this.#finds.length > this.#count) this.#finds.pop();
    return true;
  }

  /** Where a hash belongs: the number of kept hashes below it. */
  #position(hash: bigint): number {
    let low = 0;
    let high = this.#finds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const find = this.#finds[middle];
      if (find !== undefined && find.hash < hash) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
