export {
  type AnswerContent,
  answerDigest,
  type AnswerMessage,
  answerMessage,
  answerSigner,
  answerTypes,
  signAnswer,
} from "./answer.ts";
export { attemptHash, packNonces, unpackNonces } from "./bytes.ts";
export { chooseEngine, type ChosenEngine, engineNames, type EngineRefusal } from "./chooseEngine.ts";
export { type Engine, type EngineReport, type EngineRequest, type EngineSearch, type Unit } from "./engine.ts";
export { type EngineKind, type EngineOptions, EngineUnusableError } from "./engineKind.ts";
export { ENGINE_KINDS } from "./engineKinds.ts";
export { engineRate, type RateTimes } from "./engineRate.ts";
export { ProofSearchError, type ProofSearchErrorCode, type SearchProgress } from "./errors.ts";
export { PROOF_DOMAIN, type ProofBinding, proofPrefix } from "./prefix.ts";
export { createProver, type Prover, type ProverOptions, solve, type SolveOptions } from "./prover.ts";
export { challengeSeed, SEED_DOMAIN, type SeedSource } from "./seed.ts";
export { type NativeOptions } from "./native/options.ts";
export { type NatsArguments, type NatsPlace, natsPlace, type RemoteOptions } from "./remote/options.ts";
export { type Solution } from "./search.ts";
export * as statistics from "./statistics.ts";
export { MU_THOUSANDTHS, NONCE_BYTES, PROOF_COUNT, provenRateOf, targetOf } from "./target.ts";
export { type AnswerRefusal, type NoncesRefusal, type Verdict, verifyAnswer, verifyNonces } from "./verify.ts";
export { createWasmEngine, type WasmEngineOptions } from "./wasmEngine.ts";
export { type WebGpuOptions } from "./webgpu/options.ts";
