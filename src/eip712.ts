import { AbiCoder, keccak256, TypedDataEncoder, type Signer, type TypedDataDomain, type TypedDataField } from "ethers";

import type { Attestation } from "./sgx/index.ts";
import type { OfferStruct } from "../types/ethers-contracts/OrderEscrow.ts";

export { answerTypes } from "./pow/index.ts";

/** Contracts that check EIP-712 signatures. */
export type SigningContract =
  "ChallengeManager" | "DataGrants" | "OrderEscrow" | "QuorumVerifier" | "TaskEscrow" | "UserRegistry";

/** The EIP-712 domain of one of our contracts. */
export function domainOf(contract: SigningContract, chainId: bigint, address: string): TypedDataDomain {
  return { name: `ComputingPower.${contract}`, version: "1", chainId, verifyingContract: address };
}

type Types<Name extends string> = Record<Name, TypedDataField[]>;

/** A provider's offer, in the domain of OrderEscrow. */
export const offerTypes: Types<"Offer"> = {
  Offer: [
    { name: "provider", type: "address" },
    { name: "nodeId", type: "uint256" },
    { name: "token", type: "address" },
    { name: "units", type: "uint16" },
    { name: "ratePerSecond", type: "uint128" },
    { name: "stakeLock", type: "uint96" },
    { name: "maxFeeBps", type: "uint16" },
    { name: "mrEnclave", type: "bytes32" },
    { name: "expiry", type: "uint40" },
    { name: "volume", type: "uint32" },
    { name: "taker", type: "address" },
    { name: "salt", type: "uint256" },
  ],
};

/** A validator's vouching for a quote, in the domain of QuorumVerifier. */
export const vouchTypes: Types<"Vouch"> = {
  Vouch: [
    { name: "consumer", type: "address" },
    { name: "reportData", type: "bytes32" },
    { name: "attestationHash", type: "bytes32" },
    { name: "collateralHash", type: "bytes32" },
  ],
};

/** A user's registration of an encryption key, in the domain of UserRegistry. */
export const setKeyTypes: Types<"SetKey"> = {
  SetKey: [
    { name: "account", type: "address" },
    { name: "scheme", type: "uint8" },
    { name: "key", type: "bytes" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

/** An owner's grant of a dataset to a node, in the domain of DataGrants. */
export const grantTypes: Types<"Grant"> = {
  Grant: [
    { name: "datasetId", type: "uint256" },
    { name: "nodeId", type: "uint256" },
    { name: "mrEnclave", type: "bytes32" },
    { name: "enclaveKey", type: "address" },
    { name: "until", type: "uint40" },
    { name: "demand", type: "uint8" },
    { name: "free", type: "bool" },
    { name: "contentHash", type: "bytes32" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

/** An enclave's result of a task, in the domain of TaskEscrow. */
export const resultTypes: Types<"Result"> = {
  Result: [
    { name: "taskId", type: "uint256" },
    { name: "inputHash", type: "bytes32" },
    { name: "resultHash", type: "bytes32" },
  ],
};

/** An enclave's word that it gives a task up, in the domain of TaskEscrow. */
export const abortTypes: Types<"Abort"> = {
  Abort: [
    { name: "taskId", type: "uint256" },
    { name: "inputHash", type: "bytes32" },
  ],
};

/** A validator's verdict on a result, in the domain of TaskEscrow. */
export const verdictTypes: Types<"Verdict"> = {
  Verdict: [
    { name: "taskId", type: "uint256" },
    { name: "inputHash", type: "bytes32" },
    { name: "resultHash", type: "bytes32" },
    { name: "vouchedAttestation", type: "uint256" },
    { name: "verdict", type: "uint8" },
    { name: "deadline", type: "uint256" },
  ],
};

/** An ERC-2612 permit, in the token's own domain. */
export const permitTypes: Types<"Permit"> = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

/** The Solidity struct `Attestation`, for ABI coding. */
export const attestationType =
  "tuple(bytes32 quoteHash,bytes32 mrEnclave,bytes32 mrSigner,uint16 isvProdId,uint16 isvSvn,bytes32 platformId,bytes6 fmspc,uint8 tcbStatus,uint64 validUntil)";

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

/** `keccak256(abi.encode(attestation))`. */
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

/** Signs a vouching; 65 bytes in hex. */
export async function signVouch(
  validator: Pick<Signer, "signTypedData">,
  domain: TypedDataDomain,
  vouch: Vouch,
): Promise<string> {
  return validator.signTypedData(domain, vouchTypes, vouchMessage(vouch));
}

/** Evidence for QuorumVerifier: `abi.encode(Vouching)`. Signatures are put in the order that it demands. */
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

/** The EIP-712 hash of an offer, as `OrderEscrow.hashOffer` gives it. */
export function hashOffer(domain: TypedDataDomain, offer: OfferStruct): string {
  return TypedDataEncoder.hash(domain, offerTypes, offer);
}
