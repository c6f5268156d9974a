import type { ErrorTable } from "./table.ts";

export const taskEscrowErrors: ErrorTable = {
  TaskEscrowUnknownTask: ["There is no task {taskId}.", "Look up the id with `task list`."],
  TaskEscrowInvalidStatus: [
    "Task {taskId} is {status:TaskStatus}, which does not allow this.",
    "See what it allows with `task show {taskId}`.",
  ],
  TaskEscrowWrongTerms: [
    "Task {taskId} has other terms or another requester than the transaction names: {expected} instead of {actual}.",
    "The chain may have been reorganised. Look at the task again, `task show {taskId}`, and find yours with `task list`.",
  ],
  TaskEscrowWrongResult: [
    "Task {taskId} has the result {expected} instead of {actual}.",
    "The chain may have been reorganised. Look at the task again, `task show {taskId}`.",
  ],
  TaskEscrowResultDemanded: [
    "Chunks of the result of task {taskId} are demanded, {open} of them, so that it does not count as good yet.",
    "Show them, `task answer {taskId}`, or wait: what is not shown in time ends the task as Invalid, `task close {taskId}`.",
  ],
  TaskEscrowResultNotShown: [
    "Nobody has given a verdict on task {taskId}, nor demanded its result: silence alone does not pay the node.",
    "Demand a chunk, `task demand {taskId}`, the node's provider too. Shown (`task answer {taskId}`), it lets the task end; not shown within a day, it ends it as Invalid (`task close {taskId}`).",
  ],
  TaskEscrowUnauthorized: [
    "{caller} may not do this to task {taskId}, or not yet.",
    "Accept and submit with the account of the node's provider, cancel with the requester's (`--account`); from the accept deadline on anybody may cancel.",
  ],
  TaskEscrowPaused: [
    "New commitments are paused.",
    "Wait until the guardian resumes them; submitting, finalizing, cancelling and withdrawing work meanwhile.",
  ],
  TaskEscrowWrongMeasurement: [
    "The node runs the enclave {actual} instead of {expected} (zero: it was never attested).",
    "Ask for the measurement that the node runs, if you trust that code; see `node show`.",
  ],
  TaskEscrowWrongEnclaveKey: [
    "The node has the enclave key {actual} instead of {expected}.",
    "It is another node than was meant: look at it with `node show`, and have the inputs sealed to the key of the one that is.",
  ],
  TaskEscrowInvalidDeadline: [
    "The deadline {deadline:time} lies outside {earliest:time} to {latest:time}.",
    "Choose one within: at most 30 days to accept, 90 days for the result and 7 for the verdict, and at least an hour for each of the last two.",
  ],
  TaskEscrowTooManyDatasets: ["A task cannot use {count} datasets.", "Use at most 16, or publish several tasks."],
  TaskEscrowUnorderedDatasets: [
    "Dataset {current} does not come after {previous}.",
    "Name each dataset once, by ascending id.",
  ],
  TaskEscrowWrongOwner: [
    "Dataset {datasetId} is {actual}'s instead of {expected}'s.",
    "The chain may have been reorganised, or somebody has copied a dataset. Look at it, `dataset show {datasetId}`, and find the one that is meant with `dataset list`.",
  ],
  TaskEscrowWrongContent: [
    "Dataset {datasetId} has the content {actual} instead of {expected}.",
    "The chain may have been reorganised. Look at the dataset again, `dataset show {datasetId}`, and find the one that is meant with `dataset list`.",
  ],
  TaskEscrowPriceTooHigh: [
    "Dataset {datasetId} costs {price:tokens} tokens; the task pays at most {offered:tokens}.",
    "The requester must cancel the task (`task cancel`) and publish it again at the current price (`dataset show {datasetId}`).",
  ],
  TaskEscrowInvalidCommitment: [
    "A hash of zero commits to nothing.",
    "Give the keccak256 of the sealed inputs, or of the sealed result.",
  ],
  TaskEscrowInvalidUri: ["The URI has {length} bytes, more than 256.", "Give one of at most 256 bytes."],
  TaskEscrowLockTooSmall: [
    "A lock of {stakeLock:tokens} tokens does not cover the owners' and validators' fees of {minimum:tokens}.",
    "Ask for a lock of at least that.",
  ],
  TaskEscrowNodeNotOpen: [
    "Node {nodeId} takes no tasks: it is not live, about to end, delisted, its TCB status is not accepted, or its attestation is not as the requester demands.",
    "See why with `node show {nodeId}`; its provider may have to `node renew` it.",
  ],
  TaskEscrowNodeNotLive: [
    "Node {nodeId} is not live, so its enclave's result does not count.",
    "Its provider must `node renew` it in time, or have a suspension lifted, unless it has ended; see `node show {nodeId}`.",
  ],
  TaskEscrowTooEarly: [
    "Task {taskId} takes no result before {earliest:time}, when its minimum duration is over.",
    "Submit the same result then (`task submit`).",
  ],
  TaskEscrowTooLate: [
    "The deadline of task {taskId} passed on {deadline:time}.",
    "End it: `task cancel` before acceptance, `task finalize` after it.",
  ],
  TaskEscrowNotOverdue: [
    "Task {taskId} is not overdue before {deadline:time} has passed.",
    "Wait until then; see `task show {taskId}`.",
  ],
  TaskEscrowInvalidEnclaveSignature: [
    "The signature is not that of the enclave key {enclaveKey} over this outcome of task {taskId}.",
    "Submit what the enclave signed for this task on this network (`task run`).",
  ],
  TaskEscrowInvalidVerdict: ["{verdict:TaskStatus} is not a verdict.", "Give Valid or Invalid."],
  TaskEscrowMalformedSignatures: [
    "The signatures of the verdict cannot be read.",
    "Encode them as the contract's ABI says; `task finalize` does.",
  ],
  TaskEscrowInvalidVerdictSignature: [
    "The signature is not the validator {validator}'s over the verdict {verdict:TaskStatus}.",
    "Submit the verdict as the validator signed it for this task's result.",
  ],
  TaskEscrowAlreadySlashed: [
    "{validator} has already been slashed for task {taskId}.",
    "There is nothing left to report; a validator is slashed once per task.",
  ],
  TaskEscrowNotDisproven: [
    "The quote {quoteHash} was not disproven, or is not the one that the result of task {taskId} rests on.",
    "Name the node's last quote before the result, with its binding, and have it disproven first (`node dispute`).",
  ],
  TaskEscrowWrongSigners: [
    "These are not the signers of the verdict on task {taskId}.",
    "Name all of them, in the order of the VerdictGiven event.",
  ],
  TaskEscrowInvalidReceiver: ["{receiver} cannot receive tokens.", "Give an account other than zero and the escrow."],
  TaskEscrowUnexpectedAmount: [
    "The token moved {received:tokens} instead of {expected:tokens}.",
    "The platform takes no tokens that charge a fee on transfer or rebase.",
  ],
  TaskEscrowNothingToWithdraw: [
    "The ledger of tasks has nothing for {account}.",
    "End a task first: `task finalize`, or `task cancel`.",
  ],
  TaskEscrowNodeDiscredited: [
    "The quote of node {nodeId} was disproven or withheld, so what its enclave signs no longer counts.",
    "Wait for the task's deadline, then end it with `task finalize`: its escrow goes back, and the node's stake pays.",
  ],
  TaskEscrowNodeSuspended: [
    "Node {nodeId} is suspended, because Intel revoked its platform, so its enclave's word does not count for now.",
    "Have it judged again by Intel's newest documents (`node recheck {nodeId} --collateral SOURCE`); the task's deadlines wait meanwhile.",
  ],
  TaskEscrowMismatch: [
    "The contracts do not belong together: {actual} instead of {expected}.",
    "Deploy with the vault, validators and verifier of one platform.",
  ],
  TaskEscrowInvalidParameter: [
    "The period of {value} s is too short beside the {limit} s that it must exceed or match.",
    "Raise the validators' exit delay or the grants' finality period.",
  ],
};
