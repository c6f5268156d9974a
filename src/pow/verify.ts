import { getAddress } from "ethers";

import { type AnswerContent, answerSigner } from "./answer.ts";
import { attemptHash, prefixBytes, unpackNonces } from "./bytes.ts";
import { ProofSearchError } from "./errors.ts";
import { proofPrefix } from "./prefix.ts";
import { NONCE_BYTES, PROOF_COUNT } from "./target.ts";

/** Why nonces are refused. */
export type NoncesRefusal =
  | { readonly code: "WRONG_LENGTH"; readonly length: number; readonly expected: number }
  /** The hash of the nonce at `index`, counted from 0, is not above the one before it. */
  | { readonly code: "NOT_INCREASING"; readonly index: number }
  | { readonly code: "ABOVE_TARGET"; readonly largestHash: bigint; readonly target: bigint };

/** Why an answer is refused. `signer` is undefined when the signature is malformed. */
export type AnswerRefusal =
  NoncesRefusal | { readonly code: "WRONG_SIGNER"; readonly signer: string | undefined; readonly expected: string };

export type Verdict<Refusal> =
  { readonly valid: true; readonly largestHash: bigint } | { readonly valid: false; readonly reason: Refusal };

/**
 * Checks packed nonces against a prefix and target.
 *
 * @param prefix 32 bytes, or hex.
 * @param target What the last hash may be at most.
 * @throws {ProofSearchError} With code INVALID_PREFIX when the prefix is not 32 bytes.
 */
export function verifyNonces({
  prefix,
  target,
  nonces,
  count = PROOF_COUNT,
}: {
  prefix: Uint8Array | string;
  target: bigint;
  nonces: Uint8Array;
  count?: number;
}): Verdict<NoncesRefusal> {
  const bytes = prefixBytes(prefix);
  if (bytes === undefined) throw new ProofSearchError("INVALID_PREFIX", "A prefix must be 32 bytes");
  const expected = NONCE_BYTES * count;
  if (nonces.length !== expected) return refuse({ code: "WRONG_LENGTH", length: nonces.length, expected });

  let largestHash = 0n;
  for (const [index, nonce] of unpackNonces(nonces).entries()) {
    const hash = attemptHash(bytes, nonce);
    if (hash <= largestHash) return refuse({ code: "NOT_INCREASING", index });
    largestHash = hash;
  }
  if (largestHash > target) return refuse({ code: "ABOVE_TARGET", largestHash, target });
  return { valid: true, largestHash };
}

/**
 * Checks a whole answer as the contract does: its nonces, then that the node's enclave signed them.
 *
 * An answer to another challenge, or of another node, fails by its nonces: they were searched under another prefix.
 */
export function verifyAnswer({
  target,
  signature,
  ...content
}: AnswerContent & { readonly target: bigint; readonly signature: string }): Verdict<AnswerRefusal> {
  const verdict = verifyNonces({ prefix: proofPrefix(content), target, nonces: content.nonces });
  if (!verdict.valid) return verdict;
  const expected = getAddress(content.enclaveKey);
  const signer = answerSigner(content, signature);
  if (signer !== expected) return refuse({ code: "WRONG_SIGNER", signer, expected });
  return verdict;
}

function refuse<Refusal>(reason: Refusal): { valid: false; reason: Refusal } {
  return { valid: false, reason };
}
