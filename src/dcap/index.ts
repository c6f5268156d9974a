/** Evidence for the on-chain verification of SGX quotes, and the names that the chain gives to what it keeps. */

export {
  commitmentsOf,
  contentsOf,
  contentTagOf,
  packQeIdentity,
  packTcbLevels,
  type CollateralContents,
  type Commitments,
} from "./contents.ts";
export {
  encodeEvidence,
  encodeRecheck,
  encodeReview,
  EvidenceKind,
  onChainQuoteHash,
  packRecheck,
  quoteKeys,
  type EvidenceOptions,
  type QuoteKeys,
  type RecheckFacts,
  type RecheckOptions,
} from "./evidence.ts";
export { keyTagOf, keyTagOfFacts, leafKeyOf, PckCa, parseLeaf, subjectOf, type LeafFacts } from "./leaf.ts";
export { findLeafDer } from "../sgx/chain.ts";
export { revocationProof, revocationRoot, type RevocationProof } from "./revocationTree.ts";
