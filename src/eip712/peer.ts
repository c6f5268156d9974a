import { verifyTypedData, type TypedDataDomain } from "ethers";

import type { TypedData, TypedDataSigner } from "./domain.ts";

/**
 * The EIP-712 domain of what validators send each other. No contract checks it; the verifier's address stands for the platform whose validators
 * are meant.
 *
 * @param quorumVerifier The address of QuorumVerifier.
 */
export function peerDomain(chainId: bigint, quorumVerifier: string): TypedDataDomain {
  return { name: "ComputingPower.Validator", version: "1", chainId, verifyingContract: quorumVerifier };
}

/** A request of one validator to another. */
const peerRequestTypes: TypedData<"PeerRequest"> = {
  PeerRequest: [
    { name: "from", type: "address" },
    { name: "to", type: "address" },
    { name: "method", type: "string" },
    { name: "path", type: "string" },
    { name: "bodyHash", type: "bytes32" },
    { name: "sentAt", type: "uint256" },
    { name: "nonce", type: "bytes32" },
  ],
};

/** What a validator signs of a request. */
export interface PeerRequest {
  readonly from: string;
  /** The validator that is asked: nobody else takes the request. */
  readonly to: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** keccak256 of the body's bytes. */
  readonly bodyHash: string;
  /** Unix seconds. */
  readonly sentAt: number;
  /** 32 random bytes in hex. */
  readonly nonce: string;
}

/** Has a validator sign a request: 65 bytes (r, s, v) in hex. */
export async function signPeerRequest(
  validator: TypedDataSigner,
  domain: TypedDataDomain,
  request: PeerRequest,
): Promise<string> {
  return validator.signTypedData(domain, peerRequestTypes, { ...request });
}

/** The account whose key signed a request; undefined for what is no signature. */
export function signerOfPeerRequest(
  domain: TypedDataDomain,
  request: PeerRequest,
  signature: string,
): string | undefined {
  try {
    return verifyTypedData(domain, peerRequestTypes, { ...request }, signature);
  } catch {
    return undefined;
  }
}
