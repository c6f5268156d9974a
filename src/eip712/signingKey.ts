import type { TypedDataDomain } from "ethers";

import type { TypedData, TypedDataSigner } from "./domain.ts";

/** A key's consent to sign for a validator, in the domain of ValidatorSet. */
export const signingKeyTypes: TypedData<"SigningKey"> = {
  SigningKey: [{ name: "validator", type: "address" }],
};

/**
 * Signs a key's consent to sign for a validator, as `ValidatorSet.setSigningKey` takes it.
 *
 * @param key The key that is to sign.
 * @param domain That of ValidatorSet; see {@link domainOf}.
 * @param validator The validator's account, whatever it is.
 * @returns The signature's 65 bytes (r, s, v) in hex.
 */
export async function signSigningKey(
  key: TypedDataSigner,
  domain: TypedDataDomain,
  validator: string,
): Promise<string> {
  return key.signTypedData(domain, signingKeyTypes, { validator });
}
