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
    const endpoints = await this.#read(order);
    this.#known.delete(order);
    const oldest = this.#known.keys().next();
    if (this.#known.size >= MOST && oldest.done !== true) this.#known.delete(oldest.value);
    this.#known.set(order, { endpoints, readAt: this.#now(), isBeingRead: false });
    return endpoints;
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
