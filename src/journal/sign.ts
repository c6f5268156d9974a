import type { TypedDataDomain } from "ethers";

import { claimsOfVerdict, claimsOfView, claimsOfVouch, signerIn } from "./claims.ts";
import type { Journal } from "./journal.ts";
import type { TypedDataSigner } from "../eip712/domain.ts";
import { signVerdict, type TaskVerdict } from "../eip712/task.ts";
import { signView, type ChainViewMessage } from "../eip712/view.ts";
import { signVouch, type Vouch } from "../eip712/vouch.ts";

/** A validator that signs through its journal, which has all that it signs under its account, whatever the key. */
export type JournaledSigner =
  | (TypedDataSigner & { readonly address: string })
  | {
      readonly address: string;
      /** The key that it signs with instead of its account's. */
      readonly chosenKey: TypedDataSigner;
    };

/** What a validator signs with. */
const keyOf = (validator: JournaledSigner): TypedDataSigner =>
  "chosenKey" in validator ? validator.chosenKey : validator;

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
  return signVerdict(keyOf(validator), domain, verdict);
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
  return signVouch(keyOf(validator), domain, vouch);
}

/**
 * Signs the block of a height, unless the validator has signed another one. It is written down first.
 *
 * @throws As {@link Journal.record}; then nothing was signed.
 */
export async function signViewOnce(
  journal: Journal,
  validator: JournaledSigner,
  domain: TypedDataDomain,
  view: ChainViewMessage,
): Promise<string> {
  journal.record(signerIn(domain, validator.address), claimsOfView(view));
  return signView(keyOf(validator), domain, view);
}
