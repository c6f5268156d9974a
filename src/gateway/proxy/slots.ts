import { Tally } from "../http/tally.ts";
import { Problem } from "../problems/problem.ts";

/** What may go on at once for one order. */
export interface SlotLimits {
  /** Requests that are not answered yet. */
  readonly requests: number;
  /** Connections that were upgraded. */
  readonly upgrades: number;
}

/** The part of an order's slots that one client may have where anybody is let in. */
const SHARE = 1 / 4;

/** Counts what goes on for each order, so that none takes all of the gateway for itself, and no stranger all of an order. */
export class Slots {
  readonly #limits: SlotLimits;
  readonly #taken = new Tally();

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /**
   * Takes a slot.
   *
   * @param stranger Whose it is, as `clientKey` gives it, where anybody is let in: a quarter of the slots at most. Undefined for those who have
   *   shown a right.
   * @returns What gives it back; a second call does nothing.
   * @throws {Problem} `application-busy`, when all of the order's or the client's are taken.
   */
  take(order: number, kind: keyof SlotLimits, stranger: string | undefined): () => void {
    const key = `${kind} ${String(order)}`;
    const limit = this.#limits[kind];
    requireLess(this.#taken.count(key), limit, `Order ${String(order)} has`, kind);
    if (stranger === undefined) return this.#taken.add(key);
    const own = `${key} ${stranger}`;
    requireLess(this.#taken.count(own), Math.ceil(limit * SHARE), `This client has of order ${String(order)}`, kind);
    const [all, share] = [this.#taken.add(key), this.#taken.add(own)];
    return () => {
      all();
      share();
    };
  }

  /** Slots that are taken. */
  count(order: number, kind: keyof SlotLimits): number {
    return this.#taken.count(`${kind} ${String(order)}`);
  }
}

function requireLess(taken: number, limit: number, who: string, kind: string): void {
  if (taken < limit) return;
  const detail = `${who} ${String(limit)} ${kind} under way, which is all that it may have at once`;
  throw new Problem("application-busy", detail, { retryAfter: 1 });
}
