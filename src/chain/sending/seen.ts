/** So many looks in a row must find the same: endpoints are not all equally far. */
export const LOOKS = 4;
/** So many looks are given to endpoints that do not have yet what another one has. */
export const LAG = 15;

/** How many looks in a row have found what is not so yet, or not to be believed yet. */
export class Seen {
  readonly #counts = new Map<string, number>();

  /** Whether something was seen so many times in a row, this time included. */
  again(what: string, times: number): boolean {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    return count >= times;
  }

  /** Begins to count anew. */
  forget(what: string): void {
    this.#counts.delete(what);
  }
}
