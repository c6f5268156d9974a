import type { ErrorTable } from "./table.ts";

export const taskEscrowErrors: ErrorTable = {
  TaskEscrowUnknownTask: ["There is no task {taskId}.", "Look up the id with `task list`."],
  TaskEscrowInvalidStatus: [
    "Task {taskId} is {status:TaskStatus}, which does not allow this.",
    "See what it allows with `task show {taskId}`.",
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
    "Seal the inputs anew to the key of this node, and publish with it; see `node show`.",
  ],
  TaskEscrowInvalidDeadline: [
    "The deadline {deadline:time} lies outside {earliest:time} to {latest:time}.",
    "Put it there: at most 30 days to accept, 90 days for the result and 7 for the verdict, and an hour at least for each of the two.",
  ],
  TaskEscrowTooManyDatasets: ["{count} datasets are too many.", "Use at most 16, or publish more tasks."],
  TaskEscrowUnorderedDatasets: [
    "Dataset {current} does not come after {previous}.",
    "Name each dataset once, by ascending id.",
  ],
  TaskEscrowUnknownDataset: ["There is no dataset {datasetId}.", "Look up the id with `dataset list`."],
  TaskEscrowPriceTooHigh: [
    "Dataset {datasetId} costs {price:tokens} tokens; the task pays at most {offered:tokens}.",
    "The requester must `task cancel` and publish again at the present price (`dataset show {datasetId}`).",
  ],
  TaskEscrowInvalidCommitment: [
    "A hash of zero commits to nothing.",
    "Give the keccak256 of the sealed inputs, or of the sealed result.",
  ],
  TaskEscrowInvalidUri: ["The URI has {length} bytes.", "Give one of at most 256 bytes."],
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
    "Its provider must `node renew` it in time, unless it has ended; see `node show {nodeId}`.",
  ],
  TaskEscrowTooEarly: [
    "Task {taskId} takes no result before {earliest:time}, when its least duration is over.",
    "Bring the same result then (`task submit`).",
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
    "Bring what the enclave signed for this task (`task run`), on this network.",
  ],
  TaskEscrowInvalidVerdict: ["{verdict:TaskStatus} is no verdict.", "Say Valid or Invalid."],
  TaskEscrowInvalidVerdictSignature: [
    "The signature is not the validator {validator}'s over the verdict {verdict:TaskStatus}.",
    "Hand in the verdict as the validator signed it for this task's result.",
  ],
  TaskEscrowAlreadySlashed: [
    "{validator} was slashed for task {taskId} already.",
    "Nothing is left to report; a validator is slashed once a task.",
  ],
  TaskEscrowNotDisproven: [
    "The quote {quoteHash} is not the one that the result of task {taskId} rests on, or was not disproven.",
    "Name the node's newest quote of before the result, with its binding, and have it disproven first (`node dispute`).",
  ],
  TaskEscrowWrongSigners: [
    "These are not the signers of the verdict on task {taskId}.",
    "Name them all, in the order in which the VerdictGiven event tells them.",
  ],
  TaskEscrowInvalidReceiver: ["{receiver} cannot receive.", "Give an account, neither zero nor the escrow."],
  TaskEscrowUnexpectedAmount: [
    "The token moved {received:tokens} instead of {expected:tokens}.",
    "The platform takes no tokens that charge a fee on transfer or rebase.",
  ],
  TaskEscrowNothingToWithdraw: [
    "Nothing is on the tasks' ledger for {account}.",
    "End a task first: `task finalize`, or `task cancel`.",
  ],
  TaskEscrowNodeDiscredited: [
    "The quote of node {nodeId} was disproven or withheld, so its enclave's word counts for nothing any more.",
    "Wait for the task's deadline, then end it with `task finalize`: its escrow goes back, and the node's stake pays.",
  ],
  TaskEscrowMismatch: [
    "Contracts that do not belong together: {actual} instead of {expected}.",
    "Deploy with the vault, validators and verifier of one platform.",
  ],
  TaskEscrowInvalidParameter: [
    "The period of {value} s is too short beside the {limit} s that it must exceed or match.",
    "Raise the validators' exit delay or the grants' finality period.",
  ],
};
