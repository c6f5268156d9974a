import type { ICollateralStore } from "../bindings.ts";

/** Where collateral is on chain. */
export interface ChainPlace {
  readonly store: ICollateralStore;
  /** The block before which the store has no events. */
  readonly fromBlock: number;
}
