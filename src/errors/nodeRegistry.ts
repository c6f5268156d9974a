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
  NodeRegistryInvalidUnits: ["A node cannot have {units} units.", "Declare at least one unit."],
  NodeRegistryInvalidRate: [
    "The listed rate must be greater than zero, not {ratePerUnit}.",
    "Give a price above zero.",
  ],
  NodeRegistryInvalidUrl: ["The URL has {length} bytes instead of 1 to 256.", "Give one of 1 to 256 bytes."],
  NodeRegistryWrongRequiredRate: [
    "The node would have to show {actual} hashes a second; {expected} were expected.",
    "The catalog may have changed: declare again by today's rate. If it is zero, declare more units, or another model.",
  ],
  NodeRegistryStakeTooHigh: [
    "A node needs a stake of {stake:tokens} tokens; at most {maxStake:tokens} were allowed.",
    "The policy has changed: look at it with `platform status`, and declare again if you want to stake that much.",
  ],
  NodeRegistryEnded: [
    "Node {nodeId} ends, or has ended, on {endedAt:time}.",
    "An ended node cannot come back: declare a new one to go on. What the old one has staked, `node exit {nodeId}` releases when its time has come.",
  ],
  NodeRegistryUnknownVerifier: [
    "{verifier} is not a contract, or not a verifier that the registry lists.",
    "Use the verifier that `platform addresses` shows.",
  ],
  NodeRegistryWeakerVerifier: [
    "Node {nodeId} was last verified on chain, which its orders may rest on; {verifier} relies on a quorum.",
    "Attest it through a verifier that verifies quotes on chain, or declare a new node.",
  ],
  NodeRegistryWrongEnclaveKey: [
    "Node {nodeId} has the enclave key {expected}, not {actual}.",
    "Name the key of the first attestation, and quote with it; for another key declare a new node. If this is another node than you meant, the chain may have been reorganised: look at it again, `node show {nodeId}`.",
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
    "The platform {platformId} is being taken over, or was taken over less than a day ago.",
    "Try again after {possibleAt:time}.",
  ],
  NodeRegistryTakeoverVerifier: [
    "{verifier} cannot take the platform {platformId} from node {incumbentId}, whose attestation holds.",
    "Attest by the verifier of that node, or by one no weaker that has been listed since before it was attested; while a takeover waits, by the one that opened it.",
  ],
  NodeRegistryOlderQuote: [
    "The quote names block {blockNumber}, no later than the newest quote of node {incumbentId}, which holds the platform.",
    "Quote again with a later block (`node quote`).",
  ],
  NodeRegistryEnclaveNotAllowed: [
    "The enclave {mrEnclave} (signer {mrSigner}, product {isvProdId}, version {isvSvn}) is not on the allow-list.",
    "Run an allowed enclave, or ask governance to allow this one.",
  ],
  NodeRegistryLaunchNotAllowed: [
    "The enclave was launched with MISCSELECT and ATTRIBUTES {launch}; allow-list entry {enclaveId} asks for {expected} under the mask {mask}.",
    "Sign and launch the enclave with the attributes that the entry asks for, and quote again.",
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
    "The quote names block {blockNumber}; the oldest that is accepted is {oldest} (0: none yet).",
    "Quote again (`node quote`), which names a recent block; where there is none, record a checkpoint first.",
  ],
  NodeRegistryUnknownBlock: [
    "The chain no longer gives the hash of block {blockNumber}.",
    "Quote again with a recent block (`node quote`).",
  ],
  NodeRegistryNotAttested: ["Node {nodeId} was never attested.", "Attest it first: `node register --quote`."],
  NodeRegistryWrongSubject: [
    "The evidence is about {subject} on the platform {platformId}, which the newest attestation of node {nodeId} does not rest on.",
    "Give the evidence of the node's newest attestation.",
  ],
  NodeRegistryStillLocked: [
    "The stake of node {nodeId} stays locked until {releasableAt:time} (0: until it has ended).",
    "End the node with `node exit` and wait until then.",
  ],
  NodeRegistryNoStake: ["Node {nodeId} no longer holds any stake.", "There is nothing left to release."],
  NodeRegistryUnknownEnclave: ["There is no enclave entry {enclaveId}, or it was removed.", "Give a listed entry."],
  NodeRegistryInvalidEnclave: [
    "The measurement {measurement} is zero, or already listed as entry {enclaveId}.",
    "Give a measurement that is not listed.",
  ],
  NodeRegistryInvalidLaunch: [
    "An allow-list entry cannot ask for the launch {launch}: its mask {mask} hides a bit of it.",
    "Give a launch that has no bit outside its mask.",
  ],
  NodeRegistryInvalidParameter: ["The value {value} is outside its bound {limit}.", "Give a value within the bound."],
};
