import {
  Transaction,
  TypedDataEncoder,
  verifyTypedData,
  type TransactionLike,
  type TypedDataDomain,
  type TypedDataField,
} from "ethers";

import { SignerError } from "./post.ts";

/** The bytes in hex that a transaction is signed over, its fields as they are. */
export const bytesOf = (transaction: TransactionLike): string => unsigned(transaction).unsignedSerialized;

/** A transaction as it is signed: without its sender, whom its signature names. */
export const unsigned = (transaction: TransactionLike): Transaction => Transaction.from({ ...transaction, from: null });

/** A transaction with a signature, in hex. */
export function withSignature(transaction: TransactionLike, signature: string): string {
  const signed = unsigned(transaction);
  signed.signature = signature;
  return signed.serialized;
}

/**
 * Takes from a remote signer only what was asked of it.
 *
 * @param raw What it has signed, in hex.
 * @returns The same.
 * @throws {SignerError} Unless it is the very transaction that was asked for, signed by the account.
 */
export function requireAsked(raw: string, transaction: TransactionLike, address: string): string {
  const signed = parsed(raw);
  if (signed?.unsignedSerialized !== bytesOf(transaction)) {
    throw new SignerError("The remote signer has signed another transaction than it was asked for; it is not sent");
  }
  if (signed.from !== address) {
    throw new SignerError(
      `The remote signer has signed for ${signed.from ?? "nobody"} instead of ${address}; it is not sent`,
    );
  }
  return raw;
}

function parsed(raw: string): Transaction | undefined {
  try {
    return Transaction.from(raw);
  } catch {
    return undefined;
  }
}

/** EIP-712 data that is to be signed. */
export interface TypedData {
  readonly domain: TypedDataDomain;
  readonly types: Record<string, TypedDataField[]>;
  readonly value: Record<string, unknown>;
}

/** The bytes in hex whose hash is signed for EIP-712 data. */
export const bytesOfTyped = ({ domain, types, value }: TypedData): string =>
  TypedDataEncoder.encode(domain, types, value);

/**
 * Takes a signature from a remote signer only if it is the account's, of what was asked.
 *
 * @returns The same.
 * @throws {SignerError} Otherwise.
 */
export function requireSigned(signature: string, { domain, types, value }: TypedData, address: string): string {
  let signer: string | undefined;
  try {
    signer = verifyTypedData(domain, types, value, signature);
  } catch {
    // What is no signature at all is nobody's.
  }
  if (signer === address) return signature;
  throw new SignerError(`The remote signer's signature is not of ${address}, or of other data than it was asked for`);
}
