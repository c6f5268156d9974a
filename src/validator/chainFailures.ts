import { isError, type ContractRunner, type Provider } from "ethers";

/** Whether the chain itself refused a call: what was asked for is not so, whoever is asked. */
export function isRevert(error: unknown): boolean {
  return isError(error, "CALL_EXCEPTION");
}

/** The provider that a contract is read with. */
export function providerOf({ runner }: { readonly runner: ContractRunner | null }): Provider {
  const provider = runner?.provider ?? null;
  if (provider === null) throw new TypeError("The contract has no provider");
  return provider;
}
