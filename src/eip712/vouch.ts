import { AbiCoder, keccak256, TypedDataEncoder, type TypedDataDomain } from "ethers";

import type { Attestation } from "../sgx/attestation.ts";
import type { CollateralBasis } from "../sgx/basis.ts";
import type { TypedData, TypedDataSigner } from "./domain.ts";

/** A validator's vouching for a quote, in the domain of QuorumVerifier. */
export const vouchTypes: TypedData<"Vouch"> = {
  Vouch: [
    { name: "consumer", type: "address" },
    { name: "reportData", type: "bytes32" },
    { name: "attestationHash", type: "bytes32" },
    { name: "collateralHash", type: "bytes32" },
    { name: "evaluationNumber", type: "uint16" },
    { name: "ca", type: "uint8" },
    { name: "rootCrlIssuedAt", type: "uint40" },
    { name: "pckCrlIssuedAt", type: "uint40" },
  ],
};

/** The Solidity struct `Attestation`, for ABI coding. */
export const attestationType =
  "tuple(bytes32 quoteHash,bytes32 mrEnclave,bytes32 mrSigner,uint16 isvProdId,uint16 isvSvn,bytes32 platformId,bytes6 fmspc,uint8 tcbStatus,uint64 validUntil,bytes20 launch)";

/** The Solidity struct `CollateralBasis`, for ABI coding. */
export const basisType =
  "tuple(bytes32 collateralHash,uint16 evaluationNumber,uint8 ca,uint40 rootCrlIssuedAt,uint40 pckCrlIssuedAt)";

/** The Solidity struct `Dispute`, for ABI coding. */
export const disputeType = `tuple(${attestationType} attestation,${basisType} basis,address[] signers,bytes quote,bytes evidence)`;

/** What a validator signs when it vouches for a quote. */
export interface Vouch {
  /** The contract that will have the quote verified: the node registry. */
  readonly consumer: string;
  /** The first 32 bytes of the quote's report data. */
  readonly reportData: string;
  readonly attestation: Attestation;
  /** The collateral that the validators used. */
  readonly basis: CollateralBasis;
}

/** `keccak256(abi.encode(attestation))`, 32 bytes in hex. */
export function attestationHash(attestation: Attestation): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode([attestationType], [attestation]));
}

function vouchMessage({ consumer, reportData, attestation, basis }: Vouch): Record<string, string | number | bigint> {
  return { consumer, reportData, attestationHash: attestationHash(attestation), ...basis };
}

/** The 32 bytes in hex that a validator signs. */
export function vouchDigest(domain: TypedDataDomain, vouch: Vouch): string {
  return TypedDataEncoder.hash(domain, vouchTypes, vouchMessage(vouch));
}

/**
 * Signs a vouching, and remembers nothing: whoever signs what is false loses its stake. A validator signs by `signVouchOnce` of the
 * package's journal.
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
  vouch: Pick<Vouch, "attestation" | "basis">,
  signatures: readonly { readonly validator: string; readonly signature: string }[],
): string {
  const ordered = [...signatures].sort((a, b) => (BigInt(a.validator) < BigInt(b.validator) ? -1 : 1));
  return AbiCoder.defaultAbiCoder().encode(
    [`tuple(${attestationType} attestation,${basisType} basis,tuple(address validator,bytes signature)[] signatures)`],
    [{ ...vouch, signatures: ordered }],
  );
}
