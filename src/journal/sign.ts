import type { TypedDataDomain } from "ethers";

import { claimsOfVerdict, claimsOfVouch, signerIn } from "./claims.ts";
import type { Journal } from "./journal.ts";
import type { TypedDataSigner } from "../eip712/domain.ts";
import { signVerdict, type TaskVerdict } from "../eip712/task.ts";
import { signVouch, type Vouch } from "../eip712/vouch.ts";

/** A validator that signs through its journal. */
export interface JournaledSigner extends TypedDataSigner {
  readonly address: string;
}

/**
 * Signs a verdict on a task's result, unless the validator has signed the other one. It is written down first.
 *
 * @throws As {@link Journal.record}; then nothing was signed.
 */
export async function signVerdictOnce(
  journal: Journal,
  validator: JournaledSigner,
  domain: TypedDataDomain,
  verdict: TaskVerdict,
): Promise<string> {
  journal.record(signerIn(domain, validator.address), claimsOfVerdict(verdict));
  return signVerdict(validator, domain, verdict);
}

/**
 * Signs a vouching, unless the validator has signed something that contradicts it. It is written down first.
 *
 * @throws As {@link Journal.record}; then nothing was signed.
 */
export async function signVouchOnce(
  journal: Journal,
  validator: JournaledSigner,
  domain: TypedDataDomain,
  vouch: Vouch,
): Promise<string> {
  journal.record(signerIn(domain, validator.address), claimsOfVouch(vouch));
  return signVouch(validator, domain, vouch);
}
