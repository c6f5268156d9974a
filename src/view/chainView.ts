import type { Hex } from "../sgx/bytes.ts";

/** A block that is believed, and the state that it stands for. */
export interface BelievedBlock {
  readonly number: bigint;
  readonly hash: Hex;
  /** Unix seconds. */
  readonly time: bigint;
  readonly stateRoot: Hex;
}

/**
 * A chain as a program can believe it that has no node of its own and hears of the chain only by somebody who may lie in everything. What is
 * read of the chain is proven at a block that it believes.
 */
export interface ChainView<Evidence> {
  readonly chainId: bigint;
  /** The newest block that is believed; undefined before the first one. Its height never falls. */
  readonly newest: BelievedBlock | undefined;
  /**
   * Believes blocks by evidence, in its order, or none of them.
   *
   * @returns The newest block that is believed then.
   * @throws {ViewError} For evidence that shows nothing; what was believed before stays as it was.
   */
  believe(evidence: Evidence): Promise<BelievedBlock>;
}
