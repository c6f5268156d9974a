/** Wakes whoever waits for news; what it wakes them for is in the database. */
export class Notice {
  readonly #waiting = new Set<() => void>();

  /** Wakes all that wait now. */
  give(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /**
   * Waits for the next notice, for so many milliseconds, or until the signal aborts: whatever comes first. Never fails. Nothing that happens
   * after the call is missed.
   */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(milliseconds, 2 ** 31 - 1));
      signal.addEventListener("abort", wake, { once: true });
      this.#waiting.add(wake);
    });
  }
}
