/** What an engine is asked to search: the nonces from `first` up to but without `end`. */
export interface EngineRequest {
  /** 32 bytes. */
  readonly prefix: Uint8Array;
  /** Hashes above it are of no interest. */
  readonly target: bigint;
  /** 0 by default: small nonces have zero bytes, which cost less on a chain. */
  readonly first?: bigint;
  /** At most 2^64 - 2^32; 2^63 by default. */
  readonly end?: bigint;
}

/** News of a search. */
export interface EngineReport {
  /** Attempts since the last report, of all threads that report. */
  readonly hashes: number;
  /** Nonces whose hash may be at most the target: the engine may compare the hash's first 64 bits only. */
  readonly nonces: readonly bigint[];
}

/** A search under way. */
export interface EngineSearch {
  /** Lowers the target. Reports for the old one may still come. */
  tighten(target: bigint): void;
  /** Asks for the end. Reports may still come until `finished` settles. */
  stop(): void;
  /**
   * Resolves after the last report, when the search was stopped or the range is exhausted. Rejects when the engine
   * failed; it may then be asked for another search.
   */
  readonly finished: Promise<void>;
}

/** What the catalog of hardware counts: a processor's cores, or whole devices. */
export type Unit = "CpuCore" | "Gpu";

/**
 * Something that computes hashes quickly: threads running WebAssembly, native code, a GPU.
 *
 * An engine tries each nonce of a search at most once, misses no hash at most the target among those it tried, and runs
 * one search at a time. It is not trusted with the truth of its finds: the prover recomputes every one.
 */
export interface Engine {
  /** Names the engine for people: its kind and variant, such as `wasm-simd` or `native-avx512`. */
  readonly name: string;
  /** What it runs on, for people, such as the processor's model. */
  readonly device: string;
  /** How many threads or devices search side by side. */
  readonly threads: number;
  /** What those are, where that is not the same for all engines of a kind: of workers, each has its own. */
  readonly unit?: Unit | "Mixed";
  /**
   * Starts threads and readies devices, so that the next search begins at once. Without it the first search does so.
   *
   * @throws {ProofSearchError} With code WORKER_FAILED when one cannot start.
   */
  prepare(): Promise<void>;
  search(request: EngineRequest, onReport: (report: EngineReport) => void): EngineSearch;
  /** Ends the search under way and frees threads and devices. */
  close(): Promise<void>;
}

/** The end of a search whose request names none. */
export const LAST_NONCE_END = 1n << 63n;
