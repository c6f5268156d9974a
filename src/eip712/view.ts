import { TypedDataEncoder, type BigNumberish, type BytesLike, type TypedDataDomain } from "ethers";

import type { TypedData, TypedDataSigner } from "./domain.ts";

/** What a validator signs of the chain: the block of a height, in the domain of ViewJudge. */
export const viewTypes: TypedData<"ChainView"> = {
  ChainView: [
    { name: "number", type: "uint64" },
    { name: "blockHash", type: "bytes32" },
  ],
};

/** A block as validators sign it. */
export interface ChainViewMessage {
  /** Its height. */
  readonly number: BigNumberish;
  readonly blockHash: BytesLike;
}

/**
 * The EIP-712 domain of ViewJudge, which slashes whoever signs two blocks of one height.
 *
 * @param viewJudge Its address.
 */
export function viewDomain(chainId: bigint, viewJudge: string): TypedDataDomain {
  return { name: "ViewJudge", version: "1", chainId, verifyingContract: viewJudge };
}

/** The 32 bytes in hex that a validator signs of a block. */
export function viewDigest(domain: TypedDataDomain, { number, blockHash }: ChainViewMessage): string {
  return TypedDataEncoder.hash(domain, viewTypes, { number, blockHash });
}

/**
 * Signs a block of the chain, and remembers nothing: whoever signs two of one height loses its stake. A validator signs by `signViewOnce` of
 * the package's journal.
 *
 * @param validator A validator.
 * @param domain See {@link viewDomain}.
 * @returns The signature's 65 bytes (r, s, v) in hex.
 */
export async function signView(
  validator: TypedDataSigner,
  domain: TypedDataDomain,
  { number, blockHash }: ChainViewMessage,
): Promise<string> {
  return validator.signTypedData(domain, viewTypes, { number, blockHash });
}
