import type { ErrorTable } from "./table.ts";

export const nodeRegistryErrors: ErrorTable = {
  NodeRegistryUnknownNode: ["There is no node {nodeId}.", "Look up the id with `node list`."],
  NodeRegistryUnauthorized: [
    "{caller} is not the provider of node {nodeId}.",
    "Use the account that declared the node (`--account`).",
  ],
  NodeRegistryPaused: [
    "Declaring nodes and attesting them for the first time is paused.",
    "Wait until the guardian resumes it; re-attesting works meanwhile.",
  ],
  NodeRegistryInvalidUnits: ["{units} units are none.", "Declare at least one unit."],
  NodeRegistryInvalidRate: ["A listed rate of {ratePerUnit} is none.", "Give a price above zero."],
  NodeRegistryInvalidUrl: ["The URL has {length} bytes.", "Give one of 1 to 256 bytes."],
  NodeRegistryInvalidRequiredRate: [
    "The node would have to show {requiredRate} hashes a second, which is none or beyond all bounds.",
    "Declare other units, or another model.",
  ],
  NodeRegistryEnded: [
    "Node {nodeId} ends or ended on {endedAt:time}.",
    "Declare a new node; an ended one does not come back.",
  ],
  NodeRegistryUnknownVerifier: [
    "{verifier} is not a verifier that the registry lists, or no contract.",
    "Use the verifier that `platform addresses` shows.",
  ],
  NodeRegistryWeakerVerifier: [
    "Node {nodeId} was last verified on chain, which its orders may rest on; {verifier} takes a quorum's word.",
    "Attest it through a verifier that reads quotes on chain, or declare a new node.",
  ],
  NodeRegistryWrongEnclaveKey: [
    "Node {nodeId} has the enclave key {expected}, not {actual}.",
    "Quote with the key of the first attestation; for another key declare a new node.",
  ],
  NodeRegistryWrongMeasurement: [
    "Node {nodeId} runs the enclave {expected}, not {actual}.",
    "Quote with the enclave of the first attestation; for another one declare a new node.",
  ],
  NodeRegistryPlatformHeld: [
    "The platform {platformId} is held by node {holderId}.",
    "End that node first, or attest a new node of the platform to take it over.",
  ],
  NodeRegistryWrongPlatform: [
    "Node {nodeId} was attested on another platform than {platformId}.",
    "Quote on the platform of the first attestation; for another one declare a new node.",
  ],
  NodeRegistryTakeoverTooSoon: [
    "The platform {platformId} is being taken over, or was less than a day ago.",
    "Try again after {possibleAt:time}.",
  ],
  NodeRegistryEnclaveNotAllowed: [
    "The enclave {mrEnclave} (signer {mrSigner}, product {isvProdId}, version {isvSvn}) is not on the allow-list.",
    "Run an allowed enclave, or ask governance to allow this one.",
  ],
  NodeRegistryStatusNotAccepted: [
    "The platform's TCB status {tcbStatus:TcbStatus} is not accepted.",
    "Update the platform's BIOS, microcode and SGX software, and quote again.",
  ],
  NodeRegistryLapsed: [
    "The attestation lapsed on {validUntil:time}.",
    "Quote again with fresh collateral (`node quote`) and have validators attest it.",
  ],
  NodeRegistryStaleBlock: [
    "The quote names block {blockNumber}; the oldest that counts is {oldest} (0: none yet).",
    "Quote again (`node quote`), which names a recent block; where there is none, record a checkpoint first.",
  ],
  NodeRegistryUnknownBlock: [
    "The chain does not give the hash of block {blockNumber} any more.",
    "Quote again with a recent block (`node quote`).",
  ],
  NodeRegistryNotAttested: ["Node {nodeId} was never attested.", "Attest it first: `node register --quote`."],
  NodeRegistryWrongSubject: [
    "What was judged, {subject} on the platform {platformId}, is not what the newest attestation of node {nodeId} rests on.",
    "Give the evidence of the node's newest attestation.",
  ],
  NodeRegistryStillLocked: [
    "The stake of node {nodeId} stays locked until {releasableAt:time} (0: until it has ended).",
    "End the node with `node exit` and wait until then.",
  ],
  NodeRegistryNoStake: ["Node {nodeId} holds no stake any more.", "Nothing is left to release."],
  NodeRegistryUnknownEnclave: ["There is no enclave entry {enclaveId}, or it was removed.", "Give a listed entry."],
  NodeRegistryInvalidEnclave: [
    "The measurement {measurement} is zero, or listed already as entry {enclaveId}.",
    "Give a measurement that is not listed.",
  ],
  NodeRegistryInvalidParameter: ["{value} breaks its bound {limit}.", "Give a value within the bound."],
};
