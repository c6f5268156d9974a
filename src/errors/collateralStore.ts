import type { ErrorTable } from "./table.ts";

/** Of CollateralStore, and of the libraries that check signatures and revocations. */
export const collateralStoreErrors: ErrorTable = {
  CollateralStoreUnknownName: [
    "The document carries the name {name}, which is not in Intel's SGX hierarchy, or does not belong here.",
    "Submit certificates and lists of Intel's Root, Platform and Processor CA and TCB Signing, each in its place.",
  ],
  CollateralStoreWrongIssuer: [
    "The certificate is issued by {issuer}, not by the SGX root.",
    "Submit the CA or TCB Signing certificate, not one of a platform.",
  ],
  CollateralStoreWrongUsage: [
    "The certificate of {subject} may not do what its name says: only a CA may issue, and only TCB Signing may not.",
    "Fetch the certificate from Intel's service.",
  ],
  CollateralStoreWrongSignature: [
    "The document is not signed by its issuer's key, as the store knows it.",
    "Fetch it from Intel's service and submit it unchanged; if Intel has changed the issuer's key, submit the issuer's certificate first.",
  ],
  CollateralStoreNotValidNow: [
    "The document is valid from {from:time} to {to:time}, and not now.",
    "Fetch a fresh one: `collateral fetch`.",
  ],
  CollateralStoreNotNewer: [
    "The store has a document of {stored:time}; this one, of {submitted:time}, is not newer.",
    "Leave the stored document while it is valid; after that, fetch a fresh one: `collateral fetch`.",
  ],
  CollateralStoreRevoked: [
    "Intel's Root CRL lists the certificate with the serial number {serial}.",
    "Fetch the certificate that has replaced it.",
  ],
  CollateralStoreWrongRevocations: [
    "What was shown of the Root CRL has the commitment {given}; the store holds {expected}.",
    "Build the proof from the Root CRL that the store names in its last CrlStored event of the root.",
  ],
  CollateralStoreForeignRoot: [
    "On chain {chainId}, which is neither local nor a known test network, a store takes no root but Intel's.",
    "Deploy with Intel's root key; simulated ones are for rehearsals where nothing has a price.",
  ],
  CollateralStoreTooManyKeys: [
    "The store keeps at most {most} keys of the subject {subject}, and has them all.",
    "Deploy a new verifier; this one can take no more keys of Intel's.",
  ],
  CollateralStoreMissingIssuer: [
    "A document that this one rests on, of or by {name}, is missing, revoked or lapsed.",
    "Submit in order: Root CRL, CA certificates, PCK CRLs, then TCB info and QE identity (`collateral submit`).",
  ],
  CollateralStoreNumbersDiffer: [
    "TCB info has the tcbEvaluationDataNumber {ofTcbInfo}, QE identity {ofQeIdentity}.",
    "Take both from the same set.",
  ],
  CollateralStoreInvalidFloor: [
    "The evaluation floor cannot be {floor}.",
    "Give one of Intel's tcbEvaluationDataNumbers, from 1 to 65,535; 1 excludes nothing.",
  ],
  CollateralStoreSignatureLength: ["The signature has {length} bytes instead of 64.", "Give r and s, 32 bytes each."],
  P256CallFailed: [
    "A signature could not be checked: there was too little gas for the precompile.",
    "Send the transaction with more gas.",
  ],
  Sha256CallFailed: [
    "A document could not be hashed: there was too little gas for the precompile.",
    "Send the transaction with more gas.",
  ],
  RevocationTreeBucketLength: [
    "The bucket of revoked serial numbers has {length} bytes, which is not a multiple of 20.",
    "Build the evidence from the PCK CRL that the store names in its last CrlStored event.",
  ],
  RevocationTreeSiblingsLength: [
    "The path in the tree of revoked serial numbers has {length} bytes, not 128.",
    "Build the evidence from the PCK CRL that the store names in its last CrlStored event.",
  ],
};
