import { TypedDataEncoder, type TypedDataDomain } from "ethers";

import type { OfferStruct } from "../bindings.ts";
import type { TypedData, TypedDataSigner } from "./domain.ts";

/** A provider's offer, in the domain of OrderEscrow. */
export const offerTypes: TypedData<"Offer"> = {
  Offer: [
    { name: "provider", type: "address" },
    { name: "nodeId", type: "uint256" },
    { name: "token", type: "address" },
    { name: "units", type: "uint16" },
    { name: "ratePerSecond", type: "uint128" },
    { name: "stakeLock", type: "uint96" },
    { name: "minDeposit", type: "uint104" },
    { name: "maxFeeBps", type: "uint16" },
    { name: "mrEnclave", type: "bytes32" },
    { name: "enclaveKey", type: "address" },
    { name: "modelId", type: "uint32" },
    { name: "expiry", type: "uint40" },
    { name: "volume", type: "uint32" },
    { name: "taker", type: "address" },
    { name: "salt", type: "uint256" },
  ],
};

/** The EIP-712 hash of an offer, 32 bytes in hex, as `OrderEscrow.hashOffer` gives it. */
export function hashOffer(domain: TypedDataDomain, offer: OfferStruct): string {
  return TypedDataEncoder.hash(domain, offerTypes, offer);
}

/**
 * Signs an offer.
 *
 * @param provider The account that the offer names as its provider.
 * @param domain That of OrderEscrow; see {@link domainOf}.
 * @returns The signature's 65 bytes (r, s, v) in hex.
 */
export async function signOffer(
  provider: TypedDataSigner,
  domain: TypedDataDomain,
  offer: OfferStruct,
): Promise<string> {
  return provider.signTypedData(domain, offerTypes, offer);
}
