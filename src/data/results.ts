import { keccak256, type Hex } from "../sgx/bytes.ts";
import { resultContext, type ResultUse } from "./contexts.ts";
import { DataError } from "./errors.ts";
import type { PrivateKey, PublicKey } from "./keys.ts";
import { seal, unseal } from "./sealing.ts";

/** A sealed result, and what the enclave signs of it. */
export interface SealedResult {
  readonly sealed: Uint8Array;
  /** keccak256 of the sealed bytes. */
  readonly resultHash: Hex;
}

/**
 * Seals a task's result to the key that its inputs named.
 *
 * @throws {DataError} INVALID_PUBLIC_KEY, SEALED_TOO_LARGE.
 */
export function sealResult(to: PublicKey, use: ResultUse, content: Uint8Array): SealedResult {
  const sealed = seal(to, resultContext(use), content);
  return { sealed, resultHash: keccak256(sealed) };
}

/**
 * Opens a task's result, if it is the one that the enclave signed.
 *
 * @param expected The task, with the result hash that the chain has for it.
 * @throws {DataError} SEALED_TAMPERED where it is not the one of the hash; else what {@link unseal} says.
 */
export function openResult(
  key: PrivateKey,
  sealed: Uint8Array,
  expected: ResultUse & { readonly resultHash: string },
): Uint8Array {
  const hash = keccak256(sealed);
  if (hash !== expected.resultHash.toLowerCase()) {
    throw new DataError("SEALED_TAMPERED", `The sealed result's hash is ${hash}, and should be ${expected.resultHash}`);
  }
  return unseal(key, resultContext(expected), sealed);
}
