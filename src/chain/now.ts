import type { Provider } from "ethers";

/** Unix seconds of the latest block. */
export async function nowOf({ provider }: { readonly provider: Provider }): Promise<bigint> {
  const block = await provider.getBlock("latest");
  return BigInt(block?.timestamp ?? Math.floor(Date.now() / 1000));
}
