import type { ErrorTable } from "./table.ts";

/** Of QuorumVerifier, ValidatorSet and the calls to verifiers. */
export const attestationErrors: ErrorTable = {
  QuorumVerifierQuoteUsed: ["The quote {quoteHash} has served {consumer} before.", "Quote again: `node quote`."],
  QuorumVerifierUnknownQuote: [
    "Nobody vouched to {consumer} for the quote {quoteHash} with the report data {reportData}.",
    "Name the quote and its binding as the node was attested with them.",
  ],
  QuorumVerifierEmptyAttestation: [
    "The attestation of the quote {quoteHash} lacks a quote hash, measurement or platform.",
    "Vouch for what the verified quote says, whole.",
  ],
  QuorumVerifierInvalidStatus: [
    "Nobody can vouch for the TCB status {tcbStatus:TcbStatus}.",
    "Verify the quote against current collateral.",
  ],
  QuorumVerifierLapsed: [
    "The collateral under the attestation lapsed on {validUntil:time}.",
    "Fetch fresh collateral and collect the validators' signatures again.",
  ],
  QuorumVerifierWrongCommitment: [
    "These facts are not what the quorum vouched for ({actual} instead of {expected}).",
    "Take them from the QuoteVouched event, as they are.",
  ],
  QuorumVerifierWrongQuote: [
    "The bytes are the quote {actual}, not {expected}.",
    "Hand in exactly the quote's 436+S bytes.",
  ],
  QuorumVerifierJudgeFailed: [
    "The judge gave no answer ({reason}).",
    "Hand in the evidence that the judge needs, such as certificates.",
  ],
  QuorumVerifierDemandOpen: [
    "The quote is demanded already; it must be shown by {answerBy:time}.",
    "Show it, or wait until then.",
  ],
  QuorumVerifierAlreadyShown: [
    "The quote {quoteHash} was shown before.",
    "Read it in the calldata of its QuoteShown event.",
  ],
  QuorumVerifierNoDemand: ["Nobody demands the quote {quoteHash}.", "Demand it first, or leave it."],
  QuorumVerifierAnswerTooLate: ["The quote had to be shown by {answerBy:time}.", "It counts as withheld now."],
  QuorumVerifierSettled: ["The vouching is settled: {standing:Standing}.", "Nothing is left to judge."],
  QuorumVerifierInvalidParameter: ["{value} breaks its bound {limit}.", "Give a value within the bound."],
  QuorumVerifierInvalidJudge: ["The judge {judge} is no contract.", "Name a deployed judge of quotes."],
  ValidatorSetUnauthorizedDeployer: ["{caller} did not deploy the validator set.", "Only its deployer names slashers."],
  ValidatorSetSlashersAlreadySet: ["The slashers are named already, for good.", "Deploy anew to name others."],
  ValidatorSetSlashersNotSet: [
    "Nobody can join before the slashers are named.",
    "Finish the deployment: `platform deploy`.",
  ],
  ValidatorSetInvalidSlasher: ["{slasher} is no contract, or the list is empty.", "Name deployed contracts."],
  ValidatorSetUnauthorizedSlasher: ["{caller} may not slash validators.", "Only contracts named at deployment may."],
  ValidatorSetInsufficientStake: [
    "A stake of {stake:tokens} tokens does not do; the minimum is {minimum:tokens}, and something must be added.",
    "Join with more: `validator join`.",
  ],
  ValidatorSetFull: [
    "All 32 seats are taken by validators with at least {lowest:tokens} tokens; yours are {stake:tokens}.",
    "Join with more than the least of them.",
  ],
  ValidatorSetNotActive: ["{account} is not an active validator.", "Join first: `validator join`."],
  ValidatorSetExiting: [
    "{account} is leaving; its stake is locked until {releasableAt:time}.",
    "Release the stake after that (`validator leave`), then join again.",
  ],
  ValidatorSetStillLocked: [
    "The stake of {account} is locked until {releasableAt:time} (never: it has not left).",
    "Leave with `validator leave`, and release after that time.",
  ],
  ValidatorSetNoStake: ["{account} has no stake in the validator set.", "Nothing is left to release."],
  ValidatorSetUnorderedSigners: [
    "The signer {current} does not come after {previous}.",
    "Hand in each validator once, by ascending address.",
  ],
  ValidatorSetInvalidSignature: [
    "The signature is not the validator {validator}'s over this vouching or verdict.",
    "Have it signed again (`validator attest`, `task verdict`) on this network, by that account.",
  ],
  ValidatorSetNoQuorum: [
    "The signers' stake of {signedStake:tokens} is less than two thirds of {activeStake:tokens}.",
    "Collect more validators' signatures: `validator attest`, or `task verdict` for a task.",
  ],
  ValidatorSetInvalidParameter: ["{value} breaks its bound {limit}.", "Give a value within the bound."],
  ValidatorSetInvalidTreasury: [
    "The treasury {treasury} is zero or the vault, which cannot be credited.",
    "Name another account.",
  ],
  VerifierCallMalformed: [
    "The verifier {verifier} answered with something that is no attestation.",
    "Attest through another listed verifier, and tell whoever governs.",
  ],
  CalldataAbiMalformed: [
    "The evidence is no encoding of what the verifier takes; it breaks at byte {position}.",
    "Let the task encode it: `node register`, `node dispute`, `node recheck`.",
  ],
};
