import type { ErrorTable } from "./table.ts";

/** Of DcapVerifier and the readers of whole quotes. */
export const dcapVerifierErrors: ErrorTable = {
  DcapVerifierMalformed: [
    "The evidence of {length} bytes does not have the form that the verifier expects.",
    "Pack it with `encodeEvidence`, `encodeRecheck` or `encodeReview`, or let `node register` do it.",
  ],
  DcapVerifierNoPrecompile: [
    "This chain has no precompile for P-256 (EIP-7951), or its precompile gives wrong answers.",
    "Deploy on a chain that has it, or use the validators' quorum there.",
  ],
  DcapVerifierCollateralLapsed: [
    "The collateral for FMSPC {fmspc}, PCEID {pceId} and tcbEvaluationDataNumber {evaluationNumber} was valid until {validUntil:time} (1970: a document is missing or revoked, or the number is below the floor).",
    "Bring it up to date with `collateral submit`, then try again.",
  ],
  DcapVerifierWrongContents: [
    "These contents ({given}) are not what the chain holds ({expected}).",
    "Fetch the collateral that is in force (`collateral fetch`) and pack the evidence again.",
  ],
  DcapVerifierUnknownLeaf: [
    "The PCK certificate {key} was never verified here, or its attestation key, its CA's key or the collateral has changed since.",
    "Show more: evidence of the kind `Known`, or `New` for a certificate that the chain has never seen.",
  ],
  DcapVerifierPckNotValidNow: [
    "The PCK certificate is valid from {from:time} (1970: not checked) to {to:time}, and not now.",
    "Fetch a new PCK certificate for the platform and quote again.",
  ],
  DcapVerifierWrongName: [
    "The certificate is not a PCK certificate of one of Intel's two PCK CAs: the name with the hash {name} or the certificate's usage is wrong.",
    "Quote with the certificate chain that Intel issued for the platform.",
  ],
  DcapVerifierWrongExtension: [
    "The PCK certificate's SGX extension is missing, or is not the one that its CA issues.",
    "Quote with the certificate chain that Intel issued for the platform.",
  ],
  DcapVerifierPckRevoked: [
    "Intel has revoked the PCK certificate with the serial number {serial}.",
    "The platform can no longer attest; use another one.",
  ],
  DcapVerifierWrongPckSignature: [
    "The CA's key did not sign the PCK certificate.",
    "Quote with the certificate chain that Intel issued for the platform.",
  ],
  DcapVerifierWrongQeSignature: [
    "The PCK key did not sign the quoting enclave's report, or the report is about another attestation key.",
    "Make a new quote on the platform, and pack its evidence unchanged.",
  ],
  DcapVerifierWrongQuoteSignature: [
    "The attestation key did not sign this quote with this report data.",
    "Quote with the report data of this registration, and pack the evidence unchanged.",
  ],
  DcapVerifierWrongQe: [
    "The quoting enclave is not Intel's, as the QE identity describes it.",
    "Update the platform's quoting enclave, and quote again.",
  ],
  DcapVerifierQeUnsupported: [
    "The quoting enclave's ISVSVN {isvSvn} is below every level of the QE identity.",
    "Update the platform's quoting enclave, and quote again.",
  ],
  DcapVerifierTcbUnsupported: [
    "The platform's SVNs reach no level of Intel's TCB info.",
    "Update the platform's BIOS, microcode and SGX software, and quote again.",
  ],
  DcapVerifierRevoked: [
    "Intel has revoked the platform's TCB level, or that of its quoting enclave.",
    "Update the platform's BIOS, microcode and SGX software, and quote again.",
  ],
  DcapVerifierForbiddenLaunch: [
    "The enclave was launched with MISCSELECT and ATTRIBUTES {launch}: in debug mode, with a forbidden key, or with bits that are reserved.",
    "Build and sign it as a 64-bit production enclave without these, and quote again.",
  ],
  DcapVerifierWrongChain: [
    "The certificates in the quote do not lead to the root that this verifier trusts.",
    "Name the verifier of the quote's own root: Intel's, or that of a simulation.",
  ],
  DcapVerifierMissingCertificate: [
    "No certificate in the quote is made out to the name with the hash {name}.",
    "Give the quote with the chain that the quoting library put into it: PCK certificate, CA and root.",
  ],
  DcapVerifierJudgeFailed: [
    "The judge could not finish ({reason}), which says nothing about the quote.",
    "Try again with more gas, and with evidence as `abi.encode(CollateralDocuments)` gives it.",
  ],
  DcapVerifierNothingToDispute: [
    "The chain itself verified this quote.",
    "Have it judged again by newer collateral instead: `node recheck`.",
  ],
  SgxQuoteMalformed: [
    "The bytes are not an SGX quote of version 3 by Intel's quoting enclave; they go wrong at byte {offset}.",
    "Give exactly the quote's 436+S bytes, as the quoting library returned them.",
  ],
  SgxQuoteUnreadable: [
    "The quote's lengths or types are not those of an SGX quote of version 3; they go wrong at byte {offset}.",
    "Give exactly the quote's 436+S bytes, as the quoting library returned them.",
  ],
};
