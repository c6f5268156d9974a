import type { AnswerContent } from "../pow/answer.ts";
import { MAX_UINT256 } from "../pow/bytes.ts";
import { proofPrefix } from "../pow/prefix.ts";
import { verifyNonces, type NoncesRefusal } from "../pow/verify.ts";
import { EnclaveError } from "./errors.ts";

function describe(reason: NoncesRefusal): string {
  switch (reason.code) {
    case "WRONG_LENGTH":
      return `they have ${reason.length} bytes instead of ${reason.expected}`;
    case "NOT_INCREASING":
      return `the hash of nonce ${reason.index}, counted from 0, is not above the one before it`;
    case "ABOVE_TARGET":
      return `the largest hash is above ${reason.target.toString()}`;
  }
}

/**
 * Refuses nonces whose hashes under the enclave's own prefix do not increase strictly. How small the largest must be only the chain knows: an
 * answer above the node's target is worth nothing there, and the signature on it says nothing else.
 *
 * @throws {EnclaveError} NOT_AN_ANSWER.
 */
export function requireAnswer(content: AnswerContent): void {
  const verdict = verifyNonces({ prefix: proofPrefix(content), target: MAX_UINT256, nonces: content.nonces });
  if (verdict.valid) return;
  const problem = `The nonces are no answer to the challenge by the enclave key ${content.enclaveKey}`;
  throw new EnclaveError("NOT_AN_ANSWER", `${problem}: ${describe(verdict.reason)}`);
}
