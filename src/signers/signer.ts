import type { TransactionLike, TypedDataDomain, TypedDataField } from "ethers";

/** An account that signs, wherever its key is. */
export interface AccountSigner {
  readonly address: string;
  /** Signs a transaction whose fields are all filled in; the signed bytes in hex. */
  signTransaction(transaction: TransactionLike): Promise<string>;
  /** Signs EIP-712 data; 65 bytes in hex. */
  signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string>;
}
