/**
 * Why a search gave no answer.
 *
 * - DEADLINE: the deadline came before enough hashes were found.
 * - ABORTED: the caller's signal, or closing the prover, ended the search.
 * - INVALID_TARGET, INVALID_PREFIX, INVALID_OPTION: the request makes no sense; nothing was searched.
 * - BUSY: the prover is searching already.
 * - CLOSED: the prover was closed before.
 * - WORKER_FAILED: a worker thread died or could not start; `cause` says why.
 * - ENGINE_INCORRECT: the engine reported something that is not so. Its results must not be used.
 */
export type ProofSearchErrorCode =
  | "DEADLINE"
  | "ABORTED"
  | "INVALID_TARGET"
  | "INVALID_PREFIX"
  | "INVALID_OPTION"
  | "BUSY"
  | "CLOSED"
  | "WORKER_FAILED"
  | "ENGINE_INCORRECT";

/** How far a search had come. */
export interface SearchProgress {
  /** Attempts so far. */
  readonly hashes: number;
  readonly seconds: number;
  /** Hashes a second so far. */
  readonly rate: number;
  /** Hashes at most the target found so far, at most `count`. */
  readonly found: number;
  readonly count: number;
}

/** A search that ended without an answer. */
export class ProofSearchError extends Error {
  readonly code: ProofSearchErrorCode;
  /** How far the search had come, when it had begun. */
  readonly progress: SearchProgress | undefined;

  constructor(
    code: ProofSearchErrorCode,
    message: string,
    { progress, cause }: { progress?: SearchProgress; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = "ProofSearchError";
    this.code = code;
    this.progress = progress;
  }
}

/** What a cause says for people. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
