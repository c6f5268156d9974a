import type { ContractRunner, Provider } from "ethers";

/** The provider that a contract is read with. */
export function providerOf({ runner }: { readonly runner: ContractRunner | null }): Provider {
  const provider = runner?.provider ?? null;
  if (provider === null) throw new TypeError("The contract has no provider");
  return provider;
}
