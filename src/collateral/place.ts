import type { ICollateralStore } from "../bindings.ts";
import type { History } from "../chain/logScan.ts";

/** Where collateral is on chain, and the store's history. */
export interface ChainPlace extends History {
  readonly store: ICollateralStore;
}
