/** What providers commonly allow in one request, tried one after the other below a range that was refused. */
const USUAL = [10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 5, 2, 1] as const;

/** How many answers in a row it takes at first and at most until a larger range is tried although such a one was refused. */
const [FIRST_PATIENCE, MOST_PATIENCE] = [4, 64] as const;

/** How many blocks to ask a network for at once, by what it took and refused before. */
export class Span {
  #size: number;
  #refused = Infinity;
  #accepted = 0;
  #patience: number = FIRST_PATIENCE;
  #isTrial = false;

  constructor(size = Infinity) {
    this.#size = size;
  }

  /** Blocks to ask for next. */
  get size(): number {
    return this.#size;
  }

  /**
   * Remembers that a range was answered, and asks for twice as much where that was not refused, or was so a while ago: what is dense in
   * one place is not in another.
   */
  accept(): void {
    this.#accepted += 1;
    if (this.#isTrial) this.#patience = FIRST_PATIENCE;
    this.#isTrial = this.#size * 2 >= this.#refused && this.#accepted >= this.#patience;
    if (this.#isTrial) this.#refused = Infinity;
    if (this.#size * 2 < this.#refused) this.#size *= 2;
  }

  /**
   * Remembers that a range was refused.
   *
   * @returns Whether there is a smaller one to ask for.
   */
  refuse(blocks: number): boolean {
    if (this.#isTrial) this.#patience = Math.min(2 * this.#patience, MOST_PATIENCE);
    this.#isTrial = false;
    this.#accepted = 0;
    this.#refused = blocks;
    const smaller = USUAL.find((size) => size < blocks);
    this.#size = smaller ?? 1;
    return smaller !== undefined;
  }
}
