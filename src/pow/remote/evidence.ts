import { attemptHash, topBits } from "../bytes.ts";
import { chanceOf, isBelievable } from "../evidence.ts";
import { type Lease, type LeaseResult } from "./messages.ts";

/** How many nonces a range has. */
export const sizeOf = ({ first, end }: Pick<Lease, "first" | "end">): number => Number(end - first);

/** How many attempts the hits of a result speak for. Of a lease that was not searched to its end nothing else does. */
export const shownBy = ({ targetTop }: Lease, { nonces }: Pick<LeaseResult, "nonces">): number =>
  Math.round(nonces.length / chanceOf(targetTop));

/**
 * What a worker's results show. Each lease asks for hits that are common enough to tell from their number whether the attempts were
 * made, and each hit is computed again.
 */
export class Evidence {
  #expected = 0;
  #found = 0;

  /**
   * Looks at a result, and at all those before it together.
   *
   * @param isWhole Whether the lease was searched to its end.
   * @returns What is wrong with it, a clause that goes on after "it"; undefined for nothing.
   */
  faultOf(lease: Lease, { hashes, nonces }: LeaseResult, isWhole: boolean): string | undefined {
    const size = sizeOf(lease);
    if (isWhole ? hashes !== size : hashes > size) {
      return `said that it tried ${String(hashes)} of ${String(size)} nonces`;
    }
    const sorted = nonces.toSorted((a, b) => (a < b ? -1 : 1));
    for (const [i, nonce] of sorted.entries()) {
      const fault = faultIn(lease, nonce, sorted[i - 1]);
      if (fault !== undefined) return `reported nonce ${nonce.toString()}, ${fault}`;
    }
    this.#expected += hashes * chanceOf(lease.targetTop);
    this.#found += nonces.length;
    if (isBelievable(this.#found, this.#expected)) return undefined;
    return `found ${String(this.#found)} hashes where ${String(Math.round(this.#expected))} were to be expected of the attempts that it counted`;
  }
}

function faultIn({ prefix, first, end, targetTop }: Lease, nonce: bigint, previous: bigint | undefined) {
  if (nonce < first || nonce >= end) return "which it was not given";
  if (nonce === previous) return "twice";
  return topBits(attemptHash(prefix, nonce)) > targetTop ? "whose hash is too large" : undefined;
}
