/** Rests shorter than this are saved up, since timers are not so exact. In milliseconds. */
const SHORTEST_REST = 2;

/** Keeps a thread to a part of the time. */
export class Pace {
  readonly #share: number;
  #owed = 0;

  /** @param share Above 0 and at most 1; with 1 there is no rest. */
  constructor(share: number) {
    this.#share = share;
  }

  /**
   * How long to rest now.
   *
   * @param worked Milliseconds of work since the last call. Time that others took from the thread counts as well, so that
   * it never works more than its part.
   */
  restAfter(worked: number): number {
    this.#owed += worked * (1 / this.#share - 1);
    if (this.#owed < SHORTEST_REST) return 0;
    const rest = this.#owed;
    this.#owed = 0;
    return rest;
  }
}
