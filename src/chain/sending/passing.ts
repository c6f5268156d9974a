import { isMinedAnywhere, type Look } from "./looks.ts";
import type { Attempt, Slot } from "./store.ts";

/**
 * How far the chain has gone without what is under way, by each endpoint's own blocks. Only that tells that a transaction is too cheap: while no
 * block comes, none is mined whatever it pays, and the machine's clock goes on.
 */
export class Passing {
  /** The latest time that each endpoint has named, in Unix seconds: one that falls behind and catches up has nothing new. */
  readonly #latest = new Map<number, number>();
  /** What it was for each endpoint when a transaction was first looked for, by the transaction's hash. */
  readonly #since = new Map<string, Map<number, number>>();

  /** Takes note of what the endpoints say, and of what is under way now. */
  observe(looks: readonly Look[], slots: readonly Slot[]): void {
    for (const { place, block } of looks) this.#latest.set(place, Math.max(block.time, this.#latest.get(place) ?? 0));
    const hashes = new Set(slots.flatMap((slot) => slot.map(({ hash }) => hash)));
    for (const hash of this.#since.keys()) if (!hashes.has(hash)) this.#since.delete(hash);
    for (const hash of hashes) this.#begin(hash, looks);
  }

  #begin(hash: string, looks: readonly Look[]): void {
    const since = this.#since.get(hash) ?? new Map<number, number>();
    for (const { place } of looks) if (!since.has(place)) since.set(place, this.#latest.get(place) ?? 0);
    this.#since.set(hash, since);
  }

  /**
   * Seconds of the chain that have passed since one of a slot's was first looked for, by blocks that have none of them; 0 where no such block
   * came. One endpoint of three or more does not tell it alone.
   */
  without({ hash }: Attempt, slot: Slot, looks: readonly Look[]): number {
    const since = this.#since.get(hash);
    const passed = looks
      .filter((look) => !isMinedAnywhere(slot, [look]))
      .map(({ place }) => (this.#latest.get(place) ?? 0) - (since?.get(place) ?? Infinity))
      .sort((a, b) => b - a);
    return Math.max(0, passed[looks.length > 2 ? 1 : 0] ?? 0);
  }
}
