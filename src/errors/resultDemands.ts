import type { ErrorTable } from "./table.ts";

export const resultDemandsErrors: ErrorTable = {
  ResultDemandsAlreadyShown: [
    "Chunk {chunk} of the result of task {taskId} was shown before.",
    "The event ChunkShown of ResultDemands has it.",
  ],
  ResultDemandsOpen: [
    "Chunk {chunk} of the result of task {taskId} is demanded, and can be shown until {answerBy:time}.",
    "Wait until it is shown, or until that time is over: then `task close {taskId}` ends the task.",
  ],
  ResultDemandsTooMany: [
    "There are as many open demands on task {taskId} as there can be: {limit} by its requester, and as many by everybody else.",
    "Wait until some are answered, or too late.",
  ],
  ResultDemandsNone: [
    "Nobody demands chunk {chunk} of the result of task {taskId}, or no longer.",
    "See what is demanded with `task show {taskId}`.",
  ],
  ResultDemandsAnswerTooLate: [
    "The chunk had to be shown by {answerBy:time}.",
    "It is too late: anybody may end the task now.",
  ],
  ResultDemandsTaskOver: [
    "Task {taskId} is {status:TaskStatus}, so nobody need show its result any more.",
    "Close the demand, `task close {taskId}`: its bond goes back.",
  ],
  ResultDemandsWrongChunk: [
    "What is shown belongs to the result {actual}, and the task's is {expected}.",
    "Give the sealed result that the enclave signed for this task.",
  ],
  ResultDemandsInvalidBond: [
    "A demand for a result would lock nothing.",
    "Deploy with a bond of at least one base unit.",
  ],
  ResultTreeEmpty: ["A result has no bytes.", "Give the sealed result that the enclave signed."],
  ResultTreeWrongChunkSize: [
    "The chunk has {actual} bytes instead of {expected}.",
    "Give the sealed result that the enclave signed for this task.",
  ],
  ResultTreeWrongProofLength: [
    "The proof has {actual} hashes instead of {expected}.",
    "Give the sealed result that the enclave signed for this task.",
  ],
};
