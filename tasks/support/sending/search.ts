import type { Provider, TransactionResponse } from "ethers";

import type { Call } from "./bytecode.ts";

/** An account's place for one transaction. */
interface Place {
  readonly from: string;
  readonly nonce: number;
}

/**
 * Looks for the transaction that an account's nonce was used for.
 *
 * @param first The block to begin with.
 * @param last The block to end with.
 * @returns Nothing where none of them has it, or one of them is not there yet.
 */
export async function findMined(
  provider: Provider,
  { from, nonce }: Place,
  first: number,
  last: number,
): Promise<TransactionResponse | undefined> {
  for (let number = first; number <= last; number += 1) {
    const block = await provider.getBlock(number, true);
    if (block === null) return undefined;
    const found = block.prefetchedTransactions.find((tx) => tx.from === from && tx.nonce === nonce);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a transaction makes a call: then it differs from another that does so in its fees alone. Nodes write addresses in either case. */
export function makes(
  tx: { readonly to?: string | null; readonly data: string; readonly value: bigint },
  call: Call,
): boolean {
  const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
  return same(tx.to ?? "", call.to) && same(tx.data, call.data) && tx.value === call.value;
}
