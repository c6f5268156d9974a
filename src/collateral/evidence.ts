import type { IDcapVerifier } from "../bindings.ts";
import { contentTagOf } from "../dcap/contents.ts";
import { encodeEvidence, EvidenceKind, quoteKeys } from "../dcap/evidence.ts";
import { InputError } from "../inputError.ts";
import { formatTime } from "../amounts.ts";
import type { Hex } from "../sgx/bytes.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { contentsOnChain } from "./contents.ts";
import { caNumberOf, describeFamily, familyOfQuote } from "./family.ts";
import { generationOfQuote } from "./issuers.ts";
import type { ChainPlace } from "./place.ts";
import { numberInForce } from "./status.ts";

/** Where quotes are verified on chain. */
export interface VerifierPlace extends ChainPlace {
  readonly verifier: IDcapVerifier;
}

/** Evidence for one quote. */
export interface ChosenEvidence {
  readonly evidence: Hex;
  readonly kind: keyof typeof EvidenceKind;
  /** The tcbEvaluationDataNumber by which the quote will be judged. */
  readonly number: number;
}

/** What may be said beside the quote. */
export interface EvidenceWishes {
  /** The tcbEvaluationDataNumber to be judged by; the least in force by default. */
  readonly number?: number | undefined;
  /** Documents for what the chain's history does not show. */
  readonly offered?: Collateral | undefined;
}

const NOTHING = /^0x0*$/;

/**
 * Makes the cheapest evidence with which the on-chain verifier will take a quote: `Cached` where it has judged this platform's
 * attestation key under the collateral that still counts, `Known` where it knows the PCK certificate, else `New`.
 *
 * @param quote Exactly the quote's bytes.
 * @param now Unix seconds of the chain's clock.
 * @throws {InputError} When the chain has no collateral in force for it, or its contents are found nowhere.
 * @throws {SgxVerificationError} For a quote that cannot be read.
 */
export async function evidenceFor(
  place: VerifierPlace,
  quote: Uint8Array,
  now: bigint,
  { number: wished, offered }: EvidenceWishes = {},
): Promise<ChosenEvidence> {
  const family = familyOfQuote(quote);
  const caGeneration = await generationOfQuote(place.store, quote);
  const number = wished ?? (await numberInForce(place, family, now, caGeneration));
  const held = await place.store.collateralOf(caNumberOf(family), caGeneration, family.fmspc, family.pceId, number);
  if (held.validUntil < now) {
    const since =
      held.validUntil === 0n
        ? "is missing, or its number is below the floor"
        : `lapsed on ${formatTime(held.validUntil)}`;
    const problem = `The chain's collateral of ${describeFamily(family)}, number ${number.toString()}, ${since}`;
    throw new InputError(problem, "Submit what is lacking: `collateral status`, `collateral submit`.");
  }
  const { leafKey, keyTag } = quoteKeys(quote, caGeneration, number);
  const leaf = await place.verifier.leafOf(leafKey);
  const tag = contentTagOf(
    {
      revocations: held.revocations as Hex,
      tcbLevels: held.tcbLevels as Hex,
      qeIdentity: held.qeIdentity as Hex,
    },
    number,
  );
  const kind = NOTHING.test(leaf.keyTag)
    ? "New"
    : leaf.keyTag === keyTag && leaf.contentTag === tag
      ? "Cached"
      : "Known";
  const collateral =
    kind === "Cached"
      ? { serials: [], levels: new Uint8Array(), qeIdentity: new Uint8Array(), evaluationNumber: number }
      : await contentsOnChain(place, family, caGeneration, number, offered);
  const evidence = encodeEvidence({
    kind: EvidenceKind[kind],
    quote,
    collateral,
    caGeneration,
    evaluationNumber: number,
  });
  return { evidence, kind, number };
}
