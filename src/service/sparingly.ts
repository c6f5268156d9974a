/** Milliseconds between two times that the same is said, and so many things it is remembered of. */
const [EVERY, MOST] = [60_000, 1_000] as const;

/** When something was said, and how often it was not said since. */
interface Said {
  readonly at: number;
  unsaid: number;
}

/** Keeps what repeats itself from filling a log: the same is said at once, and then once a minute with how often it was so. */
export class Sparingly {
  readonly #elapsed: () => number;
  readonly #said = new Map<string, Said>();

  /** @param elapsed Milliseconds since whatever moment: a clock that nobody sets. */
  constructor(elapsed: () => number = () => performance.now()) {
    this.#elapsed = elapsed;
  }

  /**
   * Says something, unless the same was said within a minute.
   *
   * @param kind What counts as the same: the same text.
   * @param say Is told how often it was so since it was said last.
   */
  say(kind: string, say: (unsaid: number) => void): void {
    const last = this.#said.get(kind);
    const now = this.#elapsed();
    if (last !== undefined && now - last.at < EVERY) {
      last.unsaid += 1;
      return;
    }
    // Put in anew, so that the oldest comes first.
    this.#said.delete(kind);
    const [oldest] = this.#said.keys();
    if (this.#said.size >= MOST && oldest !== undefined) this.#said.delete(oldest);
    this.#said.set(kind, { at: now, unsaid: 0 });
    say(last?.unsaid ?? 0);
  }
}
