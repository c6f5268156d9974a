import { TypedDataEncoder, type BytesLike, type TypedDataDomain } from "ethers";

import type { TypedData, TypedDataSigner } from "./domain.ts";

/** A requester's word that a task's inputs are its own, in the domain of TaskEscrow. */
export const inputsTypes: TypedData<"Inputs"> = {
  Inputs: [
    { name: "enclaveKey", type: "address" },
    { name: "contentHash", type: "bytes32" },
  ],
};

/** What a requester signs of a task's inputs. */
export interface SignedInputs {
  /** The address of the enclave key that they are sealed to. */
  readonly enclaveKey: string;
  /** keccak256 of all that they say, but for the signature. */
  readonly contentHash: BytesLike;
}

/** The 32 bytes in hex that a requester signs of inputs: for whoever checks its signature. */
export function inputsDigest(domain: TypedDataDomain, { enclaveKey, contentHash }: SignedInputs): string {
  return TypedDataEncoder.hash(domain, inputsTypes, { enclaveKey, contentHash });
}

/**
 * Signs a task's inputs, for data whose owners allow certain requesters only.
 *
 * @param domain That of TaskEscrow; see {@link domainOf}.
 * @returns The signature's 65 bytes (r, s, v) in hex.
 */
export async function signInputs(
  requester: TypedDataSigner,
  domain: TypedDataDomain,
  inputs: SignedInputs,
): Promise<string> {
  return requester.signTypedData(domain, inputsTypes, inputs);
}
