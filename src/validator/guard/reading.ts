import type { Recovered } from "./ownStatements.ts";

/** What a peer had of a seat's own signatures. */
export interface Told extends Pick<Recovered, "added" | "contradictions"> {
  /** Whether it may all be of the past; what is not was made by another process. */
  readonly isOfThePast: boolean;
}

/** How far peers were read that have a seat's own signatures: all that each has when it is read first is of the past. */
export class Reading {
  readonly #next = new Map<string, number>();
  readonly #finished = new Set<string>();

  /**
   * Reads on at a peer.
   *
   * @param read Reads on from where it ended last; 0 at first.
   */
  async ask({ address }: { readonly address: string }, read: (after: number) => Promise<Recovered>): Promise<Told> {
    const { next, isWhole, ...found } = await read(this.#next.get(address) ?? 0);
    this.#next.set(address, next);
    const isOfThePast = !this.#finished.has(address);
    if (isWhole) this.#finished.add(address);
    return { ...found, isOfThePast };
  }
}
