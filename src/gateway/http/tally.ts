/** Counts what is under way, by whose it is. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** How much is under way of somebody's. */
  count(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /**
   * Counts one more.
   *
   * @returns Ends it; a second call does nothing.
   */
  add(key: string): () => void {
    this.#counts.set(key, this.count(key) + 1);
    let isCounted = true;
    return () => {
      if (isCounted) this.#subtract(key);
      isCounted = false;
    };
  }

  #subtract(key: string): void {
    const left = this.count(key) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}
