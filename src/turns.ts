/** Has works wait for each other: one is done at a time, in the order in which they came. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isBusy = false;

  /** How many works are done or wait. */
  get count(): number {
    return this.#waiting.length + (this.#isBusy ? 1 : 0);
  }

  /** Does a work when its turn has come; what it gives or throws is the caller's. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isBusy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Whoever comes meanwhile finds it busy still.
      if (next === undefined) this.#isBusy = false;
      else next();
    }
  }
}
