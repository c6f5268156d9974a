import type { ErrorTable } from "./table.ts";

/** Of QuorumVerifier, ValidatorSet and the calls to verifiers. */
export const attestationErrors: ErrorTable = {
  QuorumVerifierQuoteUsed: ["The quote {quoteHash} has served {consumer} before.", "Quote again: `node quote`."],
  QuorumVerifierUnknownQuote: [
    "No quorum has vouched to {consumer} for the quote {quoteHash} with the report data {reportData}.",
    "Name the quote and its binding as the node was attested with them.",
  ],
  QuorumVerifierEmptyAttestation: [
    "The attestation of the quote {quoteHash} has no quote hash, measurement or platform.",
    "Vouch for everything that the verified quote says.",
  ],
  QuorumVerifierInvalidStatus: [
    "Validators cannot vouch for the TCB status {tcbStatus:TcbStatus}.",
    "Verify the quote against current collateral.",
  ],
  QuorumVerifierBelowFloor: [
    "The validators judged by the collateral of number {evaluationNumber}; the least that counts is {floor}.",
    "Have them judge by Intel's standard set, and collect their signatures again.",
  ],
  QuorumVerifierOldList: [
    "The validators judged by a revocation list of {issuedAt:time}; the chain has one of {stored:time}.",
    "Have them fetch Intel's lists again, and collect their signatures again.",
  ],
  QuorumVerifierLapsed: [
    "The collateral under the attestation lapsed on {validUntil:time}.",
    "Fetch fresh collateral and collect the validators' signatures again.",
  ],
  QuorumVerifierWrongCommitment: [
    "These facts are not what the quorum vouched for ({actual} instead of {expected}).",
    "Take them unchanged from the QuoteVouched event.",
  ],
  QuorumVerifierWrongQuote: [
    "The bytes are those of the quote {actual}, not of {expected}.",
    "Give exactly the quote's 436+S bytes.",
  ],
  QuorumVerifierJudgeFailed: [
    "The judge gave no answer ({reason}).",
    "Give the evidence that the judge needs, such as certificates.",
  ],
  QuorumVerifierDemandTooLate: [
    "The quote could be demanded until {until:time}; shown now, it could no longer be disputed in time.",
    "Demand the quote of the node's newest attestation, soon after it.",
  ],
  QuorumVerifierUnreadableQuote: [
    "The judge can make nothing of the bytes whose hash is {quoteHash}.",
    "Show the quote's 436+S bytes, as the quoting library returned them.",
  ],
  QuorumVerifierDemandOpen: [
    "The quote has already been demanded; it must be shown by {answerBy:time}.",
    "Show the quote, or wait until then.",
  ],
  QuorumVerifierAlreadyShown: [
    "The quote {quoteHash} has already been shown.",
    "Read it in the calldata of its QuoteShown event.",
  ],
  QuorumVerifierNoDemand: [
    "The quote {quoteHash} has not been demanded.",
    "Demand it first; only a demanded quote can be shown.",
  ],
  QuorumVerifierAnswerTooLate: ["The quote had to be shown by {answerBy:time}.", "It counts as withheld now."],
  QuorumVerifierSettled: ["The vouching is settled: {standing:Standing}.", "There is nothing left to judge."],
  QuorumVerifierInvalidParameter: ["The value {value} is outside its bound {limit}.", "Give a value within the bound."],
  QuorumVerifierInvalidJudge: [
    "There is no contract at the judge's address {judge}.",
    "Name a deployed judge of quotes.",
  ],
  ValidatorSetUnauthorizedDeployer: ["{caller} did not deploy the validator set.", "Only its deployer names slashers."],
  ValidatorSetSlashersAlreadySet: [
    "The slashers have already been named, and cannot be changed.",
    "Deploy again to name others.",
  ],
  ValidatorSetSlashersNotSet: [
    "Nobody can join before the slashers are named.",
    "Finish the deployment: `platform deploy`.",
  ],
  ValidatorSetInvalidSlasher: [
    "There is no contract at {slasher}, or the list of slashers is empty.",
    "Name deployed contracts.",
  ],
  ValidatorSetUnauthorizedSlasher: ["{caller} may not slash validators.", "Only contracts named at deployment may."],
  ValidatorSetInsufficientStake: [
    "A stake of {stake:tokens} tokens is not enough; the minimum is {minimum:tokens}, and joining must add something.",
    "Join with more: `validator join`.",
  ],
  ValidatorSetFull: [
    "All 32 seats are taken by validators with at least {lowest:tokens} tokens; yours are {stake:tokens}.",
    "Join with more than the smallest of these stakes.",
  ],
  ValidatorSetNothingPending: ["{account} has no stake that waits to count.", "Stake first: `validator join`."],
  ValidatorSetTooEarly: [
    "The stake of {account} counts only from {activeFrom:time} on.",
    "Wait until then, and run `validator activate`.",
  ],
  ValidatorSetNotActive: ["{account} is not an active validator.", "Join first: `validator join`."],
  ValidatorSetExiting: [
    "{account} is leaving; its stake is locked until {releasableAt:time}.",
    "Release the stake after that (`validator leave`), then join again.",
  ],
  ValidatorSetStillLocked: [
    "The stake of {account} is locked until {releasableAt:time} (never: the validator has not left).",
    "Leave with `validator leave`, and release the stake after that time.",
  ],
  ValidatorSetNoStake: ["{account} has no stake in the validator set.", "There is nothing to release."],
  ValidatorSetKeyTaken: [
    "The key {key} was a validator's before, or is the account's own.",
    "Make a new key: no key signs for two accounts, or again after it was given up.",
  ],
  ValidatorSetInvalidKeySignature: [
    "The signature is not the consent of the key {key} to sign for this account.",
    "Have the key sign the hash of `hashSigningKey` for this account, on this network.",
  ],
  ValidatorSetTooYoung: [
    "The stake of {account} has counted only since block {countsSince}, and this began in block {asOf}.",
    "Leave its signature out: what began before judges by the stake of then.",
  ],
  ViewJudgeNoConflict: [
    "The two views are of different numbers, or of the same block.",
    "Give two blocks of one number that the validator has signed.",
  ],
  ViewJudgeInvalidSignature: [
    "The signature is not the validator {validator}'s over this view.",
    "Give the signature that the validator made on this network, for this contract.",
  ],
  ViewJudgeAlreadySlashed: [
    "{validator} has already been slashed for what it signed of block {number}.",
    "There is nothing left to report for this number.",
  ],
  ValidatorSetUnorderedSigners: [
    "The signer {current} does not come after {previous}.",
    "Give each validator once, by ascending address.",
  ],
  ValidatorSetInvalidSignature: [
    "The signature is not the validator {validator}'s over this vouching or verdict.",
    "Have it signed again (`validator attest`, `task verdict`) on this network, by that account.",
  ],
  ValidatorSetNoQuorum: [
    "The signers' stake of {signedStake:tokens} is less than two thirds of {activeStake:tokens}.",
    "Collect more validators' signatures: `validator attest`, or `task verdict` for a task.",
  ],
  ValidatorSetInvalidParameter: ["The value {value} is outside its bound {limit}.", "Give a value within the bound."],
  ValidatorSetInvalidTreasury: [
    "The treasury {treasury} is zero or the vault, which cannot be credited.",
    "Name another account.",
  ],
  VerifierCallMalformed: [
    "The verifier {verifier} answered with something other than an attestation.",
    "Attest through another listed verifier, and tell the governors of the platform.",
  ],
  CalldataAbiMalformed: [
    "The evidence is not encoded as the verifier expects; it goes wrong at byte {position}.",
    "Let the task encode it: `node register`, `node dispute`, `node recheck`.",
  ],
};
