import type { TypedDataDomain } from "ethers";

import { signatureBy } from "../eip712/signatureForm.ts";
import { viewDigest } from "../eip712/view.ts";
import { ViewError } from "./errors.ts";
import type { KnownValidator, ViewedBlock, ViewSignature } from "./forms.ts";
import { isQuorumOf, stakeOf } from "./validatorSet.ts";

/**
 * Makes sure that two thirds of a set's stake have signed a block. Signatures of others do not count. Each signature must be such that ViewJudge
 * would hold it against its signer as it stands.
 *
 * @param domain That of ViewJudge.
 * @throws {ViewError} DUPLICATE_SIGNER, BAD_SIGNATURE, UNDER_SIGNED.
 */
export function requireQuorum(
  set: readonly KnownValidator[],
  domain: TypedDataDomain,
  block: ViewedBlock,
  signatures: readonly ViewSignature[],
): void {
  requireDistinct(signatures);
  const digest = viewDigest(domain, block);
  const known = new Map(set.map((validator) => [validator.account, validator]));
  const signers = signatures.flatMap(({ validator, signature }) => {
    const signer = known.get(validator);
    if (signer === undefined) return [];
    const own = signatureBy(signer.key, digest, signature);
    if (own === signature.toLowerCase()) return [signer];
    const fault = own === undefined ? "not its own" : "not in the form that ViewJudge takes";
    throw new ViewError("BAD_SIGNATURE", `The signature of ${validator} on block ${block.number} is ${fault}`);
  });
  if (isQuorumOf(signers, set)) return;
  const [signed, total] = [stakeOf(signers), stakeOf(set)];
  throw new ViewError(
    "UNDER_SIGNED",
    `Block ${block.number} is signed by ${signed} of the known stake of ${total}, less than two thirds`,
  );
}

/** A block, and signatures on it of which nothing is known yet. */
interface Offered extends ViewedBlock {
  readonly signatures: readonly ViewSignature[];
}

/**
 * The signatures on a block that are a set's own, each validator's once and in the form that ViewJudge takes: false ones and those of others are
 * left out.
 */
export function trueSignatures(
  set: readonly KnownValidator[],
  domain: TypedDataDomain,
  { signatures, ...block }: Offered,
): ViewSignature[] {
  const digest = viewDigest(domain, block);
  return set.flatMap(({ account, key }) => {
    const own = signatures.flatMap(({ validator, signature }) => {
      const text = validator === account ? signatureBy(key, digest, signature) : undefined;
      return text === undefined ? [] : [{ validator, signature: text }];
    });
    return own.slice(0, 1);
  });
}

/** Those of a set who have really signed a block. */
export function signersOf(set: readonly KnownValidator[], domain: TypedDataDomain, block: Offered): KnownValidator[] {
  const signed = new Set(trueSignatures(set, domain, block).map(({ validator }) => validator));
  return set.filter(({ account }) => signed.has(account));
}

function requireDistinct(signatures: readonly ViewSignature[]): void {
  const seen = new Set<string>();
  for (const { validator } of signatures) {
    if (seen.has(validator)) throw new ViewError("DUPLICATE_SIGNER", `${validator} is named as a signer twice`);
    seen.add(validator);
  }
}
