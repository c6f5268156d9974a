/** Does one thing at a time for each order, in the order in which they were asked for. */
export class OrderLocks {
  readonly #waiting = new Map<number, (() => void)[]>();

  isBusy(order: number): boolean {
    return this.#waiting.has(order);
  }

  /** Does something for an order once all that came before is done. */
  async run<T>(order: number, work: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(order);
    if (waiting === undefined) this.#waiting.set(order, []);
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.get(order)?.shift();
      if (next === undefined) this.#waiting.delete(order);
      else next();
    }
  }
}
