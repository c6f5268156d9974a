import { TypedDataEncoder, type BigNumberish, type BytesLike, type TypedDataDomain } from "ethers";

import type { TypedData, TypedDataSigner } from "./domain.ts";

/** An enclave's result of a task, in the domain of TaskEscrow. */
export const resultTypes: TypedData<"Result"> = {
  Result: [
    { name: "taskId", type: "uint256" },
    { name: "termsHash", type: "bytes32" },
    { name: "resultHash", type: "bytes32" },
  ],
};

/** An enclave's statement that it gives a task up, in the domain of TaskEscrow. */
export const abortTypes: TypedData<"Abort"> = {
  Abort: [
    { name: "taskId", type: "uint256" },
    { name: "termsHash", type: "bytes32" },
  ],
};

/** A validator's verdict on a result, in the domain of TaskEscrow. */
export const verdictTypes: TypedData<"Verdict"> = {
  Verdict: [
    { name: "taskId", type: "uint256" },
    { name: "termsHash", type: "bytes32" },
    { name: "resultHash", type: "bytes32" },
    { name: "vouchedAttestation", type: "uint256" },
    { name: "verdict", type: "uint8" },
    { name: "deadline", type: "uint256" },
  ],
};

/** What an enclave signs to give a task up. */
export interface TaskAbort {
  readonly taskId: BigNumberish;
  /** Of the terms that never change; see `fixedTermsHash`. */
  readonly termsHash: BytesLike;
}

/** What an enclave signs of a task's result. */
export interface TaskResult extends TaskAbort {
  /** keccak256 of the sealed result. */
  readonly resultHash: BytesLike;
}

/** What a validator signs of a task's result. */
export interface TaskVerdict extends TaskResult {
  /** The task's `vouchedAttestation`. */
  readonly vouchedAttestation: BigNumberish;
  /** The number of `Valid` or `Invalid` in the enum TaskStatus. */
  readonly verdict: BigNumberish;
  /** The task's `verdictBy`, in Unix seconds. */
  readonly deadline: BigNumberish;
}

/** The 32 bytes in hex that an enclave signs with a result. */
export function resultDigest(domain: TypedDataDomain, { taskId, termsHash, resultHash }: TaskResult): string {
  return TypedDataEncoder.hash(domain, resultTypes, { taskId, termsHash, resultHash });
}

/** The 32 bytes in hex that an enclave signs to give a task up. */
export function abortDigest(domain: TypedDataDomain, { taskId, termsHash }: TaskAbort): string {
  return TypedDataEncoder.hash(domain, abortTypes, { taskId, termsHash });
}

/** The 32 bytes in hex that a validator signs with a verdict: for whoever checks one. */
export function verdictDigest(domain: TypedDataDomain, verdict: TaskVerdict): string {
  const { taskId, termsHash, resultHash, vouchedAttestation, verdict: status, deadline } = verdict;
  const message = { taskId, termsHash, resultHash, vouchedAttestation, verdict: status, deadline };
  return TypedDataEncoder.hash(domain, verdictTypes, message);
}

/**
 * Signs a task's result.
 *
 * @param enclave The enclave key of the node that accepted the task.
 * @param domain That of TaskEscrow; see {@link domainOf}.
 * @returns The signature's 65 bytes (r, s, v) in hex.
 */
export async function signResult(
  enclave: TypedDataSigner,
  domain: TypedDataDomain,
  result: TaskResult,
): Promise<string> {
  return enclave.signTypedData(domain, resultTypes, result);
}

/**
 * Signs that the enclave gives a task up.
 *
 * @param enclave The enclave key of the node that accepted the task.
 * @param domain That of TaskEscrow; see {@link domainOf}.
 * @returns The signature's 65 bytes (r, s, v) in hex.
 */
export async function signAbort(enclave: TypedDataSigner, domain: TypedDataDomain, abort: TaskAbort): Promise<string> {
  return enclave.signTypedData(domain, abortTypes, abort);
}

/**
 * Signs a verdict on a task's result, and remembers nothing: whoever signs both verdicts loses its stake. A validator signs by
 * `signVerdictOnce` of the package's journal.
 *
 * @param validator An active validator.
 * @param domain That of TaskEscrow; see {@link domainOf}.
 * @returns The signature's 65 bytes (r, s, v) in hex.
 */
export async function signVerdict(
  validator: TypedDataSigner,
  domain: TypedDataDomain,
  verdict: TaskVerdict,
): Promise<string> {
  return validator.signTypedData(domain, verdictTypes, verdict);
}
