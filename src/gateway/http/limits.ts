import { Problem } from "../problems/problem.ts";
import { Buckets, type Rate } from "../../service/buckets.ts";

/**
 * What is limited: of each address all requests, sign-ins and fetches; of each order all requests and deployments; of all clients together
 * fresh quotes, and reads of the chain for strangers.
 */
export type LimitName = "address" | "order" | "login" | "fetch" | "deploy" | "quote" | "strangers";

/** A client takes some hundred bytes. */
const MOST_CLIENTS = 50_000;

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
