import { id } from "ethers";

import type { NetworkConfig } from "./config.ts";

/** Where what was read of final blocks is kept: apart for other endpoints, since what one of them said may be a lie. */
export function storeOf({ chainId, rpcUrls, book: { contracts } }: NetworkConfig): string {
  return [chainId.toString(), id([contracts.governance, ...rpcUrls].join(" "))].join(" ");
}
