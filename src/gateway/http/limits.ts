import type { Rate } from "../config/schema.ts";
import { Problem } from "../problems/problem.ts";

/**
 * What is limited: of each address all requests, sign-ins and fetches; of each order all requests and deployments; of all clients together
 * fresh quotes, and reads of the chain for strangers.
 */
export type LimitName = "address" | "order" | "login" | "fetch" | "deploy" | "quote" | "strangers";

/** A client takes some hundred bytes. */
const MOST_CLIENTS = 50_000;

/** How much somebody may still do, and when that was counted. */
interface Bucket {
  tokens: number;
  at: number;
}

/** Buckets that fill by themselves, one a client. */
class Buckets {
  readonly #rate: Rate;
  readonly #most: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, most: number) {
    [this.#rate, this.#most] = [rate, most];
  }

  /** Takes one out; seconds to wait where there is none. */
  take(key: string, now: number): number {
    const { perSecond, burst } = this.#rate;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    // A clock that is set back fills nothing.
    const passed = Math.max(0, now - bucket.at) / 1000;
    const tokens = Math.min(burst, bucket.tokens + passed * perSecond);
    const isAllowed = tokens >= 1;
    // Put in anew, so that the oldest comes first.
    this.#buckets.delete(key);
    this.#makeRoom();
    this.#buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, at: now });
    return isAllowed ? 0 : (1 - tokens) / perSecond;
  }

  #makeRoom(): void {
    const oldest = this.#buckets.keys().next();
    if (this.#buckets.size >= this.#most && oldest.done !== true) this.#buckets.delete(oldest.value);
  }
}

const WHAT: Readonly<Record<LimitName, string>> = {
  address: "requests from this address",
  order: "requests for this order",
  login: "sign-ins from this address",
  fetch: "requests from this address that fetch something",
  deploy: "deployments of this order",
  quote: "requests for fresh quotes",
  strangers: "questions of strangers that the chain has to be asked about",
};

/** How often everybody may ask. Kept in memory: a restart forgets it. */
export class Limits {
  readonly #buckets: Readonly<Record<LimitName, Buckets>>;
  readonly #now: () => number;

  /**
   * @param now Unix milliseconds.
   * @param most How many clients are remembered of each limit; the one that asked longest ago is forgotten first.
   */
  constructor(rates: Readonly<Record<LimitName, Rate>>, now: () => number, most = MOST_CLIENTS) {
    const { address, order, login, fetch, deploy, quote, strangers } = rates;
    this.#buckets = {
      address: new Buckets(address, most),
      order: new Buckets(order, most),
      login: new Buckets(login, most),
      fetch: new Buckets(fetch, most),
      deploy: new Buckets(deploy, most),
      quote: new Buckets(quote, 1),
      strangers: new Buckets(strangers, 1),
    };
    this.#now = now;
  }

  /**
   * Counts one.
   *
   * @param key The client, as `clientKey` gives it, or the order's number.
   * @throws {Problem} `rate-limited`, with the seconds to wait.
   */
  take(name: LimitName, key: string): void {
    const wait = this.#buckets[name].take(key, this.#now());
    if (wait > 0)
      throw new Problem("rate-limited", `Too many ${WHAT[name]}`, { retryAfter: Math.max(1, Math.ceil(wait)) });
  }
}
