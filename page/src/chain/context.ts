import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { ChainContext } from "./chainContext.ts";

export const Chain = createContext<ChainContext | undefined>(undefined);

/** The network that is shown. */
export function useChain(): ChainContext {
  const chain = useContext(Chain);
  if (chain === undefined) throw new Error("No network is connected here");
  return chain;
}
