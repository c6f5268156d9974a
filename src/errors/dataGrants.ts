import type { ErrorTable } from "./table.ts";

export const dataGrantsErrors: ErrorTable = {
  DataGrantsUnknownDataset: ["There is no dataset {datasetId}.", "Look up the id with `dataset list`."],
  DataGrantsUnauthorized: [
    "{caller} is not the owner of dataset {datasetId}.",
    "Use the account that registered it (`--account`).",
  ],
  DataGrantsInvalidContent: [
    "The content hash must not be zero.",
    "Give the keccak256 of the encrypted file, which `dataset encrypt` prints.",
  ],
  DataGrantsInvalidUri: [
    "The URI has {length} bytes, more than 256.",
    "Give one of at most 256 bytes, or an empty one.",
  ],
  DataGrantsWrongMeasurement: [
    "Node {nodeId} runs the enclave {actual} instead of {expected} (zero: it was never attested).",
    "Grant to the measurement that the node runs, if you trust that code; see `node show {nodeId}`.",
  ],
  DataGrantsWrongEnclaveKey: [
    "Node {nodeId} has the enclave key {actual} instead of {expected} (zero: none).",
    "It is another node than was meant, or no key was named: look at it with `node show {nodeId}`, and name the key to which the data's key is sealed, or which the signed grant names.",
  ],
  DataGrantsWrongContent: [
    "Dataset {datasetId} has the content {actual} instead of {expected}.",
    "The chain may have been reorganised. Look at the dataset again, `dataset show {datasetId}`, and find yours with `dataset list`.",
  ],
  DataGrantsInvalidExpiry: ["The grant would already have ended on {until:time}.", "Grant until a time in the future."],
  DataGrantsNotOwnNode: [
    "Node {nodeId} does not belong to the owner, so dataset {datasetId} cannot be granted to it free of charge.",
    "Grant at the dataset's price, or to a node that the owner's account declared.",
  ],
  DataGrantsExpiredSignature: ["The signature expired on {deadline:time}.", "Ask the owner to sign a later deadline."],
  DataGrantsInvalidSignature: [
    "{owner} did not sign these terms with the grant's nonce {nonce}, or the signature was already used or revoked.",
    "Ask the owner to sign again with that nonce, on this network; see `dataset show`.",
  ],
  DataGrantsNotGranted: [
    "Node {nodeId} may not use dataset {datasetId} now: it has no grant, the grant is over, or its attestation does not meet the grant's demand.",
    "Ask the owner for a grant (`dataset grant`), and see with `node show {nodeId}` whether the node is live and attested as the grant demands.",
  ],
  DataGrantsUnmetDemand: [
    "Node {nodeId} is not live now, or its attestation does not meet the demand (number {demand}: 0 final, 1 on chain, 2 live).",
    "See with `node show {nodeId}` whether it is live and how it was attested; a node that a quorum vouched for becomes final with time.",
  ],
  DataGrantsInvalidParameter: ["The value {value} is outside its bound {limit}.", "Give a value within the bound."],
};
