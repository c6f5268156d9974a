/** Lets one thing at a time be done to an order, in the order in which they came; several orders do not wait for each other. */
export class OrderLocks {
  /** By order, whoever waits until the one before is done; no entry where nothing is done. */
  readonly #rows = new Map<number, (() => void)[]>();

  /** Does some work when all that came before it is done, whatever became of that. */
  async run<T>(order: number, work: () => Promise<T>): Promise<T> {
    await this.#enter(order);
    try {
      return await work();
    } finally {
      this.#leave(order);
    }
  }

  async #enter(order: number): Promise<void> {
    const row = this.#rows.get(order);
    if (row === undefined) {
      this.#rows.set(order, []);
      return;
    }
    await new Promise<void>((resolve) => row.push(resolve));
  }

  #leave(order: number): void {
    const next = this.#rows.get(order)?.shift();
    if (next === undefined) this.#rows.delete(order);
    else next();
  }
}
