import type { Route } from "./route.ts";
import type { Endpoint } from "../orchestrator/orchestrator.ts";

/** Milliseconds for which endpoints are taken as they were last read. */
const FRESH = 2_000;
/** Milliseconds for which they are still taken while somebody reads them anew. */
const STALE = 30_000;
/** Orders that are remembered; the one that was read longest ago is forgotten first. */
const MOST = 1_000;

interface Known {
  readonly endpoints: readonly Endpoint[];
  readonly readAt: number;
  isBeingRead: boolean;
}

/** Where applications are reached, remembered for moments: every request asks. */
export class Endpoints {
  readonly #read: (order: number) => Promise<readonly Endpoint[]>;
  readonly #now: () => number;
  readonly #known = new Map<number, Known>();
  /** How many changes of an order are under way, and how many of them end its application. */
  readonly #changes = new Map<number, { all: number; ending: number }>();
  /** Counts beginnings and ends of changes: what was read across one of them is not remembered. */
  #turns = 0;

  /**
   * @param read Asks the orchestrator.
   * @param now Unix milliseconds.
   */
  constructor(read: (order: number) => Promise<readonly Endpoint[]>, now: () => number) {
    this.#read = read;
    this.#now = now;
  }

  /** The endpoints of an order. */
  async of(order: number): Promise<readonly Endpoint[]> {
    const changes = this.#changes.get(order);
    // Ports that are given back may be another order's a moment later.
    if (changes !== undefined) return changes.ending > 0 ? [] : this.#read(order);
    const known = this.#known.get(order);
    if (known === undefined) return this.#readAnew(order);
    const age = this.#now() - known.readAt;
    if (age < FRESH || (known.isBeingRead && age < STALE)) return known.endpoints;
    known.isBeingRead = true;
    try {
      return await this.#readAnew(order);
    } finally {
      known.isBeingRead = false;
    }
  }

  async #readAnew(order: number): Promise<readonly Endpoint[]> {
    const turn = this.#turns;
    const endpoints = await this.#read(order);
    if (turn !== this.#turns) return endpoints;
    this.#known.delete(order);
    const oldest = this.#known.keys().next();
    if (this.#known.size >= MOST && oldest.done !== true) this.#known.delete(oldest.value);
    this.#known.set(order, { endpoints, readAt: this.#now(), isBeingRead: false });
    return endpoints;
  }

  /**
   * Does what changes where an order's application is reached. Meanwhile nothing is remembered of it, and nothing of it is reached where it
   * ends.
   */
  async changing<T>(order: number, isEnding: boolean, work: () => Promise<T>): Promise<T> {
    const changes = this.#changes.get(order) ?? { all: 0, ending: 0 };
    this.#changes.set(order, changes);
    this.#count(order, changes, isEnding, 1);
    try {
      return await work();
    } finally {
      this.#count(order, changes, isEnding, -1);
      if (changes.all === 0) this.#changes.delete(order);
    }
  }

  #count(order: number, changes: { all: number; ending: number }, isEnding: boolean, by: 1 | -1): void {
    changes.all += by;
    if (isEnding) changes.ending += by;
    this.#turns += 1;
    this.forget(order);
  }

  /** Has an order's endpoints read anew: they have changed, or one of them did not answer. */
  forget(order: number): void {
    this.#known.delete(order);
  }
}

/** The endpoint of a route, among an order's. */
export function endpointOf(
  endpoints: readonly Endpoint[],
  { service, port }: Pick<Route, "service" | "port">,
): Endpoint | undefined {
  return endpoints.find(
    (each) => each.service === service && (port === undefined || each.portName === port || String(each.port) === port),
  );
}
