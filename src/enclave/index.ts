/** Enclave programs: how to start the sample, and how to talk to any. */

export { EnclaveClient, type AnswerTerms, type Migration } from "./client.ts";
export type { EnclaveLimits, EnclaveOptions } from "./limits.ts";
export { ENCLAVE_FAULTS, EnclaveError, type EnclaveFault } from "./errors.ts";
export { freshReportDataOf, type FreshQuoteTerms } from "./freshQuote.ts";
export { enclaveKeyDocument } from "./keyFile.ts";
export { programHash, shippedPrograms, type ProgramName, type ShippedProgram } from "./programs/catalogue.ts";
export { MAX_STEPS } from "./programs/execution.ts";
export { MAX_PAGES } from "./programs/preparing.ts";
export { MAX_PROGRAM_SIZE } from "./programs/sections.ts";
export {
  ABORT_REASONS,
  answerForms,
  replyForm,
  requestForm,
  taskFiles,
  taskTerms,
  type AbortReason,
  type CheckAnswer,
  type FreshQuoteAnswer,
  type Identity,
  type MigrateAnswer,
  type MigrateRequest,
  type QuoteAnswer,
  type Reply,
  type Request,
  type RunAnswer,
  type SignedAnswer,
  type StatusAnswer,
  type Successor,
  type TaskFiles,
  type TaskTerms,
} from "./protocol.ts";
export { registrationNonce, reportDataOf, type Registration } from "./registration.ts";
export {
  ageOfNamedBlock,
  verifyFreshQuote,
  type FreshQuoteExpectation,
  type FreshQuoteVerification,
} from "./verifyFreshQuote.ts";
export { MAX_TABLE_BYTES } from "./workload.ts";
