import type { BigNumberish, BytesLike, TypedDataDomain } from "ethers";

import type { GrantTermsStruct } from "../bindings.ts";
import type { TypedData, TypedDataSigner } from "./domain.ts";

/** An owner's grant of a dataset to a node, in the domain of DataGrants. */
export const grantTypes: TypedData<"Grant"> = {
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

/** What an owner signs to grant a dataset: the terms, and what they hold for. */
export interface SignedGrant extends GrantTermsStruct {
  /** The dataset's content commitment, 32 bytes. */
  readonly contentHash: BytesLike;
  /** The nonce of this dataset's grant to this node, from `DataGrants.getGrant`. */
  readonly nonce: BigNumberish;
  /** Unix seconds until which the signature can be carried to the chain. */
  readonly deadline: BigNumberish;
}

/**
 * Signs a grant.
 *
 * @param owner The dataset's owner.
 * @param domain That of DataGrants; see {@link domainOf}.
 * @returns The signature's 65 bytes (r, s, v) in hex.
 */
export async function signGrant(owner: TypedDataSigner, domain: TypedDataDomain, grant: SignedGrant): Promise<string> {
  return owner.signTypedData(domain, grantTypes, grant);
}
