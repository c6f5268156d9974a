import type { ErrorTable } from "./table.ts";

export const challengeManagerErrors: ErrorTable = {
  ChallengeManagerAlreadyIssued: ["Epoch {epoch} already has a challenge.", "Wait for the next epoch: `proof status`."],
  ChallengeManagerTooLate: [
    "Epoch {epoch} took challenges until {cutOff:time}.",
    "Wait for the next epoch; nobody is paid or faulted for this one.",
  ],
  ChallengeManagerInvalidBlock: [
    "Block {blockNumber} is too far before {current}, or not before it.",
    "Try again; the transaction came too late.",
  ],
  ChallengeManagerUnknownBlock: [
    "The chain does not give the hash of block {blockNumber}.",
    "Use a chain with usable block hashes; docs/chains.md lists them.",
  ],
  ChallengeManagerLostLottery: [
    "Block {blockNumber} does not win the lottery.",
    "Wait for a block that wins: `validator challenge --wait`.",
  ],
  ChallengeManagerNoChallenge: [
    "Epoch {epoch} has no challenge yet.",
    "Wait until one is issued (`proof status`), or issue it: `validator challenge`.",
  ],
  ChallengeManagerWindowOver: [
    "The challenge of epoch {epoch} took answers until {answerBy:time}.",
    "Answer the next one in time; start solving when it is issued.",
  ],
  ChallengeManagerSeedUnknown: [
    "The chain does not give the hash of block {blockNumber}, which issued the challenge, in block {current}.",
    "Answer from the next block on, and before the chain forgets the hash.",
  ],
  ChallengeManagerNodeNotLive: [
    "Node {nodeId} is not live: not attested, lapsed, suspended or ended.",
    "See why with `node show {nodeId}`; renew it with `node renew`.",
  ],
  ChallengeManagerAlreadyProven: [
    "Node {nodeId} has already proven epoch {epoch}.",
    "There is nothing left to do in this epoch.",
  ],
  ChallengeManagerInvalidLength: ["The nonces have {length} bytes instead of {expected}.", "Answer with 128 nonces."],
  ChallengeManagerNotIncreasing: [
    "The nonces' hashes do not increase: a nonce is wrong, repeated, out of order, or made for another node or seed.",
    "Solve the current challenge with the node's own key: `proof solve`.",
  ],
  ChallengeManagerAboveTarget: [
    "The largest hash {largestHash} is above the node's target {target}.",
    "Search longer or faster; the answer shows less power than the node claims.",
  ],
  ChallengeManagerInvalidSignature: [
    "The answer is not signed by the enclave key {enclaveKey}.",
    "Sign with the key that the node was attested with.",
  ],
  ChallengeManagerInvalidParameter: [
    "The value {value} is outside its bound {limit}.",
    "Give a value within the bound; docs/chains.md has values that fit.",
  ],
  ChallengeManagerMismatch: [
    "The validators lock stake in {actual}, the nodes in {expected}.",
    "Deploy with the module, which wires one vault.",
  ],
};
