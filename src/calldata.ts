import type { BaseContract, TransactionDescription, TransactionResponse } from "ethers";

/**
 * What a transaction asked of a contract, if it was sent to that contract itself. Calldata for another contract may look the same and
 * mean something else, and calls through one do not show in it.
 *
 * @returns Nothing where it was not, or where its calldata is no call of the contract's interface.
 */
export async function callTo(
  contract: Pick<BaseContract, "getAddress" | "interface">,
  transaction: Pick<TransactionResponse, "to" | "data" | "value"> | undefined,
): Promise<TransactionDescription | undefined> {
  if (transaction === undefined || transaction.to !== (await contract.getAddress())) return undefined;
  try {
    const call = contract.interface.parseTransaction(transaction);
    // Arguments that cannot be decoded are found when they are read.
    call?.args.toArray(true);
    return call ?? undefined;
  } catch {
    return undefined;
  }
}
