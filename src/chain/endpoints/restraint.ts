import { EndpointFault } from "./fault.ts";

/** Seconds for which an endpoint is left alone at most, whatever it asks for: a mistake of its operator must not silence a service. */
const LONGEST = 60;

/** When an endpoint may be asked again that has asked to be left alone (`Retry-After`). */
export class Restraint {
  readonly #now: () => number;
  #until = 0;

  /** @param now Unix milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws {EndpointFault} `rate-limited`, while it wants to be left alone. */
  require(): void {
    const left = this.#until - this.#now();
    // More than was granted means that this machine's clock was set back.
    if (left <= 0 || left > LONGEST * 1000) return;
    const seconds = String(Math.ceil(left / 1000));
    throw new EndpointFault("rate-limited", `it is asked too often, and wants to be left alone for ${seconds} s`, 429);
  }

  /**
   * Remembers what an answer says of when to ask again.
   *
   * @param retryAfter The header `Retry-After`: seconds, or a date.
   */
  heed(retryAfter: string | undefined): void {
    if (retryAfter === undefined) return;
    const now = this.#now();
    const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - now) / 1000;
    if (seconds > 0) this.#until = now + Math.min(seconds, LONGEST) * 1000;
  }
}
