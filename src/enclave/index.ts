/** The sample enclave program: how to start it and talk to it. */

export { EnclaveClient, type EnclaveOptions } from "./client.ts";
export { ENCLAVE_FAULTS, EnclaveError, type EnclaveFault } from "./errors.ts";
export { freshReportDataOf, type FreshQuoteTerms } from "./freshQuote.ts";
export { enclaveKeyDocument } from "./keyFile.ts";
export { trainingParameters, type Model, type TrainingParameters } from "./logistic.ts";
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
  type QuoteAnswer,
  type Reply,
  type Request,
  type RunAnswer,
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
export { MAX_CELL_EPOCHS, MAX_TABLE_BYTES } from "./workload.ts";
