import { LOCAL_CHAIN_ID } from "../context.ts";

/**
 * The public chains on which the store of collateral takes a simulator's root: their coins and tokens have no price.
 * CollateralStore has the same list compiled in.
 */
export const testNetworks: Readonly<Record<string, bigint>> = {
  Sepolia: 11_155_111n,
  Hoodi: 560_048n,
  "Base Sepolia": 84_532n,
  "OP Sepolia": 11_155_420n,
  "Polygon Amoy": 80_002n,
};

/** Whether a platform on the chain can take simulated quotes: nothing on it has a price. */
export function canSimulate(chainId: bigint): boolean {
  return chainId === LOCAL_CHAIN_ID || Object.values(testNetworks).includes(chainId);
}
