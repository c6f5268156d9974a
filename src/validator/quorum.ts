import type { TypedDataDomain } from "ethers";

import type { SignaturesDocument } from "../documents/nodes.ts";
import { signatureBy } from "../eip712/signatureForm.ts";
import { vouchDigest } from "../eip712/vouch.ts";
import { toJson } from "../json.ts";

/** The stake of active validators, by their addresses. */
export interface Stakes extends ReadonlyMap<string, bigint> {
  /** The signing keys of those who have chosen one, by their accounts. */
  readonly chosenKeys?: ReadonlyMap<string, string>;
  /** Of how much stake two thirds are a quorum now; of that of all, where left out. */
  readonly needed?: bigint;
}

/** The address of the key that an account signs with: its own, unless it has chosen another one. */
export function signingKeyIn({ chosenKeys }: Stakes, account: string): string {
  return chosenKeys?.get(account) ?? account;
}

/** Of how much stake two thirds are a quorum. */
function neededOf(stakes: Stakes): bigint {
  return stakes.needed ?? [...stakes.values()].reduce((sum, stake) => sum + stake, 0n);
}

/**
 * Whether signers are a quorum, as ValidatorSet counts it: two thirds of the active stake, and of what was displaced of late. Each counts once.
 *
 * @param total Of what stake two thirds are needed; of what is needed now by default.
 */
export function isQuorum(signers: Iterable<string>, stakes: Stakes, total = neededOf(stakes)): boolean {
  const signed = [...new Set(signers)].reduce((sum, signer) => sum + (stakes.get(signer) ?? 0n), 0n);
  return signed > 0n && signed * 3n >= total * 2n;
}

/** What all signatures of a document are on, in one form. */
function factsOf({ chainId, verifier, registry, reportData, attestation, basis }: SignaturesDocument): string {
  return toJson([chainId, verifier, registry, reportData, attestation, basis], 0).toLowerCase();
}

/** Leaves of a document only the signatures of active validators that are theirs, in the form that the chain takes. */
export function checkedSignatures(
  document: SignaturesDocument,
  domain: TypedDataDomain,
  stakes: Stakes,
): SignaturesDocument {
  const { registry: consumer, reportData, attestation, basis } = document;
  const digest = vouchDigest(domain, { consumer, reportData, attestation, basis });
  const signatures = document.signatures.flatMap(({ validator, signature: text }) => {
    const signature = stakes.has(validator) ? signatureBy(signingKeyIn(stakes, validator), digest, text) : undefined;
    return signature === undefined ? [] : [{ validator, signature }];
  });
  return { ...document, signatures };
}

/** Puts together the signatures on the same facts, each validator's once. */
export function mergedSignatures(documents: readonly SignaturesDocument[]): SignaturesDocument[] {
  const byFacts = new Map<string, SignaturesDocument>();
  for (const document of documents) {
    const facts = factsOf(document);
    const before = byFacts.get(facts);
    const all = [...(before?.signatures ?? []), ...document.signatures];
    const signatures = [...new Map(all.map((each) => [each.validator, each])).values()];
    byFacts.set(facts, { ...document, signatures });
  }
  return [...byFacts.values()];
}

/**
 * The document that a quorum has signed, out of what several validators gave; undefined where there is none yet. Nothing is believed of what they
 * say: signatures that are not an active validator's own do not count.
 *
 * @param domain That of QuorumVerifier.
 */
export function quorumOf(
  documents: readonly SignaturesDocument[],
  domain: TypedDataDomain,
  stakes: Stakes,
): SignaturesDocument | undefined {
  const checked = documents.map((document) => checkedSignatures(document, domain, stakes));
  return mergedSignatures(checked).find(({ signatures }) =>
    isQuorum(
      signatures.map(({ validator }) => validator),
      stakes,
    ),
  );
}
