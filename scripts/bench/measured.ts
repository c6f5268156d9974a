import type { ContractTransactionReceipt, ContractTransactionResponse } from "ethers";

/** Gas of one operation: of a transaction that could be any, and of the first of its kind ever. */
export interface Measured {
  readonly steady: number;
  readonly first?: number;
}

/** What was measured, by the operation's id. */
export type Measurements = Readonly<Record<string, Measured>>;

/** The gas that a transaction's receipt says. */
export async function gasOf(sent: Promise<ContractTransactionResponse>): Promise<number> {
  const receipt: ContractTransactionReceipt | null = await (await sent).wait();
  return Number(receipt?.gasUsed ?? 0n);
}
