import type { ErrorTable } from "./table.ts";

export const dataGrantsErrors: ErrorTable = {
  DataGrantsUnknownDataset: ["There is no dataset {datasetId}.", "Look up the id with `dataset list`."],
  DataGrantsUnauthorized: [
    "{caller} is not the owner of dataset {datasetId}.",
    "Use the account that registered it (`--account`).",
  ],
  DataGrantsInvalidContent: [
    "A content hash of zero is none.",
    "Give the keccak256 of the encrypted file, which `dataset encrypt` prints.",
  ],
  DataGrantsInvalidUri: ["The URI has {length} bytes.", "Give one of at most 256 bytes, or none."],
  DataGrantsWrongMeasurement: [
    "Node {nodeId} runs the enclave {actual} instead of {expected} (zero: it was never attested).",
    "Grant to the measurement that the node runs, if you trust that code; see `node show {nodeId}`.",
  ],
  DataGrantsWrongEnclaveKey: [
    "Node {nodeId} has the enclave key {actual} instead of {expected}.",
    "Grant to the key that the node has, to which the data's key is sealed; see `node show {nodeId}`.",
  ],
  DataGrantsInvalidExpiry: [
    "The grant would have ended on {until:time} already.",
    "Grant until a time that lies ahead.",
  ],
  DataGrantsNotOwnNode: [
    "Node {nodeId} is not the owner's own, so dataset {datasetId} cannot be granted to it for nothing.",
    "Grant at the dataset's price, or to a node that the owner's account declared.",
  ],
  DataGrantsExpiredSignature: ["The signature expired on {deadline:time}.", "Ask the owner to sign a later deadline."],
  DataGrantsInvalidSignature: [
    "The signature is not {owner}'s over these terms with the grant's nonce {nonce}; or it was carried or revoked before.",
    "Ask the owner to sign again with that nonce, on this network; see `dataset show`.",
  ],
  DataGrantsNotGranted: [
    "Node {nodeId} may not use dataset {datasetId} now: no grant, one that is over, or an attestation that does not do.",
    "Ask the owner for a grant (`dataset grant`), and see with `node show {nodeId}` whether the node is live and attested as the grant demands.",
  ],
  DataGrantsInvalidParameter: ["{value} breaks its bound {limit}.", "Give a value within the bound."],
};
