/** How large a market is to be, and what decides all that is drawn by lot in it. */
export interface MarketSize {
  readonly nodes: number;
  readonly orders: number;
  readonly tasks: number;
  readonly datasets: number;
  /** How many epochs of proofs lie behind it. */
  readonly epochs: number;
  /** The same seed is the same people, prices and lives of nodes and orders; hashes and times differ with the chain's. */
  readonly seed: number;
  /** Whether URLs, names and URIs are such as strangers would write to do harm. */
  readonly isHostile: boolean;
}

/** A market that fits a page. */
export const USUAL_SIZE: MarketSize = {
  nodes: 20,
  orders: 100,
  tasks: 10,
  datasets: 10,
  epochs: 12,
  seed: 1,
  isHostile: false,
};
