import type { Outcome } from "./sender.ts";

interface Waiter {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

/** Those who wait for what becomes of intentions. */
export class Waiters {
  readonly #waiting = new Map<string, Waiter[]>();

  /** What becomes of a key. */
  async wait(key: string): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), { resolve, reject }]);
    });
  }

  tell(key: string, outcome: Outcome): void {
    for (const { resolve } of this.#taken(key)) resolve(outcome);
  }

  refuse(key: string, error: Error): void {
    for (const { reject } of this.#taken(key)) reject(error);
  }

  refuseAll(error: Error): void {
    for (const key of [...this.#waiting.keys()]) this.refuse(key, error);
  }

  #taken(key: string): readonly Waiter[] {
    const found = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    return found;
  }
}
