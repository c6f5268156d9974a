/** Intel's documents: where they come from, how they stand on chain, and the evidence that rests on them. */

export { showUrl } from "./access.ts";
export { contentsOnChain, rootSerials } from "./contents.ts";
export { generationOfQuote, issuerHeld, usualGeneration, type HeldIssuer } from "./issuers.ts";
export {
  DOCUMENT_NAMES,
  documentTitles,
  encodeDocuments,
  evaluationNumberOf,
  validitiesOf,
  type DocumentName,
  type Validity,
} from "./documents.ts";
export { CollateralFetchError, type FetchFault } from "./errors.ts";
export { evidenceFor, type ChosenEvidence, type EvidenceWishes, type VerifierPlace } from "./evidence.ts";
export { describeFamily, parseFamily, familyOfQuote, type PlatformFamily } from "./family.ts";
export type { Patience } from "./http.ts";
export { INTEL_PCS, PcsClient, type CollateralTrack, type PcsOptions } from "./pcs.ts";
export type { ChainPlace } from "./place.ts";
export { planSubmissions, sendSubmissions, type Submission } from "./plan.ts";
export {
  newestAttestation,
  recheckEvidenceFor,
  recheckFactsFor,
  type NodeFacts,
  type RecheckEvidence,
} from "./recheck.ts";
export { collateralSource, familyOfCollateral, readCollateral, setAsSource, type CollateralSource } from "./source.ts";
export {
  REDATING_INTERVAL,
  isUsable,
  numberInForce,
  numbersOf,
  statusOf,
  type CollateralStatus,
  type DocumentStatus,
} from "./status.ts";
