import { recoverAddress, Signature } from "ethers";

import type { Hex } from "../sgx/bytes.ts";

/**
 * A signature in the one form that the contracts take: 65 bytes `r ‖ s ‖ v`, with s in the lower half of the curve's order and v 27 or 28. Whoever
 * carries one can write it otherwise without its key: in 64 bytes (EIP-2098), with another v, with the s of the other half.
 *
 * @returns Nothing for what is no signature.
 */
export function canonicalSignature(text: string): Hex | undefined {
  try {
    return Signature.from(text).getCanonical().serialized as Hex;
  } catch {
    return undefined;
  }
}

/**
 * A key's signature over a digest, in the form that the contracts take, in whichever it came.
 *
 * @param key The key's address.
 * @returns Nothing for what is not the key's.
 */
export function signatureBy(key: string, digest: string, text: string): Hex | undefined {
  const signature = canonicalSignature(text);
  if (signature === undefined) return undefined;
  try {
    return recoverAddress(digest, signature) === key ? signature : undefined;
  } catch {
    return undefined;
  }
}
