import { Problem } from "../problems/problem.ts";

/** What may go on at once for one order. */
export interface SlotLimits {
  /** Requests that are not answered yet. */
  readonly requests: number;
  /** Connections that were upgraded. */
  readonly upgrades: number;
}

/** Counts what goes on for each order, so that none takes all of the gateway for itself. */
export class Slots {
  readonly #limits: SlotLimits;
  readonly #taken = new Map<string, number>();

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /**
   * Takes a slot.
   *
   * @returns What gives it back; a second call does nothing.
   * @throws {Problem} `application-busy`, when all of the order's are taken.
   */
  take(order: number, kind: keyof SlotLimits): () => void {
    const key = `${kind} ${String(order)}`;
    const taken = this.#taken.get(key) ?? 0;
    const limit = this.#limits[kind];
    if (taken >= limit) {
      const detail = `Order ${String(order)} has ${String(limit)} ${kind} under way, which is all that it may have at once`;
      throw new Problem("application-busy", detail, { retryAfter: 1 });
    }
    this.#taken.set(key, taken + 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.#give(key);
      isTaken = false;
    };
  }

  /** Slots that are taken. */
  count(order: number, kind: keyof SlotLimits): number {
    return this.#taken.get(`${kind} ${String(order)}`) ?? 0;
  }

  #give(key: string): void {
    const left = (this.#taken.get(key) ?? 1) - 1;
    if (left === 0) this.#taken.delete(key);
    else this.#taken.set(key, left);
  }
}
