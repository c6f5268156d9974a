import type { Hex } from "../sgx/bytes.ts";
import { resultHashOf } from "./chunks.ts";
import { resultContext, type ResultUse } from "./contexts.ts";
import { DataError } from "./errors.ts";
import type { PrivateKey, PublicKey } from "./keys.ts";
import { LEAST_TASK_SIZE, seal, unseal } from "./sealing.ts";

/** A sealed result, and what the enclave signs of it. */
export interface SealedResult {
  readonly sealed: Uint8Array;
  /** The hash of the sealed bytes, which commits to their length and chunks; see {@link resultHashOf}. */
  readonly resultHash: Hex;
}

/**
 * Seals a task's result to the key that its inputs named.
 *
 * @param mostBytes The most that the result could have had, whatever is in the data: its sealed length shows no less.
 * @throws {DataError} INVALID_PUBLIC_KEY, SEALED_TOO_LARGE.
 */
export function sealResult(to: PublicKey, use: ResultUse, content: Uint8Array, mostBytes = 0): SealedResult {
  const sealed = seal(to, resultContext(use), content, Math.max(LEAST_TASK_SIZE, mostBytes));
  return { sealed, resultHash: resultHashOf(sealed) };
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
  const hash = resultHashOf(sealed);
  if (hash !== expected.resultHash.toLowerCase()) {
    throw new DataError("SEALED_TAMPERED", `The sealed result's hash is ${hash}, and should be ${expected.resultHash}`);
  }
  return unseal(key, resultContext(expected), sealed);
}
