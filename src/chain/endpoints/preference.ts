/** Milliseconds for which others are asked before one that failed. */
const AVOIDED_FOR = 30_000;

/** Things in order of preference, those last that failed a moment ago: nobody waits for what does not answer while another does. */
export class Preference<T> {
  readonly #things: readonly T[];
  readonly #now: () => number;
  /** When those failed that have not answered since, in Unix milliseconds. */
  readonly #failedAt = new Map<T, number>();

  /** @param now Unix milliseconds. */
  constructor(things: readonly T[], now: () => number) {
    this.#things = things;
    this.#now = now;
  }

  inOrder(): T[] {
    const answering = this.answering();
    return [...answering, ...this.#things.filter((thing) => !answering.includes(thing))];
  }

  /** Those alone that have not failed a moment ago. */
  answering(): T[] {
    const now = this.#now();
    return this.#things.filter((thing) => {
      const ago = now - (this.#failedAt.get(thing) ?? -Infinity);
      return ago < 0 || ago >= AVOIDED_FOR;
    });
  }

  failed(thing: T): void {
    this.#failedAt.set(thing, this.#now());
  }

  answered(thing: T): void {
    this.#failedAt.delete(thing);
  }
}
