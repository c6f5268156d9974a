import { AbiCoder, keccak256, TypedDataEncoder, type TypedDataDomain } from "ethers";

import type { Attestation } from "../sgx/attestation.ts";
import type { TypedData, TypedDataSigner } from "./domain.ts";

/** A validator's vouching for a quote, in the domain of QuorumVerifier. */
export const vouchTypes: TypedData<"Vouch"> = {
  Vouch: [
    { name: "consumer", type: "address" },
    { name: "reportData", type: "bytes32" },
    { name: "attestationHash", type: "bytes32" },
    { name: "collateralHash", type: "bytes32" },
  ],
};

/** The Solidity struct `Attestation`, for ABI coding. */
export const attestationType =
  "tuple(bytes32 quoteHash,bytes32 mrEnclave,bytes32 mrSigner,uint16 isvProdId,uint16 isvSvn,bytes32 platformId,bytes6 fmspc,uint8 tcbStatus,uint64 validUntil,bytes20 launch)";

/** What a validator signs when it vouches for a quote. */
export interface Vouch {
  /** The contract that will have the quote verified: the node registry. */
  readonly consumer: string;
  /** The first 32 bytes of the quote's report data. */
  readonly reportData: string;
  readonly attestation: Attestation;
  /** Of the documents that the validators used, signatures included: `collateralHash` of src/sgx. */
  readonly collateralHash: string;
}

/** `keccak256(abi.encode(attestation))`, 32 bytes in hex. */
export function attestationHash(attestation: Attestation): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode([attestationType], [attestation]));
}

function vouchMessage({ consumer, reportData, attestation, collateralHash }: Vouch): Record<string, string> {
  return { consumer, reportData, attestationHash: attestationHash(attestation), collateralHash };
}

/** The 32 bytes in hex that a validator signs. */
export function vouchDigest(domain: TypedDataDomain, vouch: Vouch): string {
  return TypedDataEncoder.hash(domain, vouchTypes, vouchMessage(vouch));
}

/**
 * Signs a vouching.
 *
 * @param validator An active validator.
 * @param domain That of QuorumVerifier; see {@link domainOf}.
 * @returns The signature's 65 bytes (r, s, v) in hex.
 */
export async function signVouch(validator: TypedDataSigner, domain: TypedDataDomain, vouch: Vouch): Promise<string> {
  return validator.signTypedData(domain, vouchTypes, vouchMessage(vouch));
}

/** Evidence for QuorumVerifier: `abi.encode(Vouching)` in hex. Signatures are put in the order that it demands. */
export function encodeVouching(
  vouch: Pick<Vouch, "attestation" | "collateralHash">,
  signatures: readonly { readonly validator: string; readonly signature: string }[],
): string {
  const ordered = [...signatures].sort((a, b) => (BigInt(a.validator) < BigInt(b.validator) ? -1 : 1));
  return AbiCoder.defaultAbiCoder().encode(
    [
      `tuple(${attestationType} attestation,bytes32 collateralHash,tuple(address validator,bytes signature)[] signatures)`,
    ],
    [{ ...vouch, signatures: ordered }],
  );
}
