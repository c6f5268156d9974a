import { attemptHash, packNonces, topBits } from "./bytes.ts";
import { type Engine, type EngineReport, type EngineSearch } from "./engine.ts";
import { ProofSearchError, type SearchProgress } from "./errors.ts";
import { SmallestHashes } from "./smallestHashes.ts";
import { callAt } from "./timer.ts";

/** A request whose values have been checked. */
export interface SearchRequest {
  readonly prefix: Uint8Array;
  readonly target: bigint;
  readonly count: number;
  readonly improveUntil: number | undefined;
  readonly deadline: number | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: ((progress: SearchProgress) => void) | undefined;
}

/** Nonces that answer a challenge. */
export interface Solution {
  /** Packed, eight bytes each, sorted by their hash. */
  readonly nonces: Uint8Array;
  readonly largestHash: bigint;
  /** Attempts made. */
  readonly hashes: number;
  readonly seconds: number;
  /** Attempts a second. */
  readonly rate: number;
}

/** One search from its start to its answer or error. */
export class Search {
  readonly #request: SearchRequest;
  readonly #kept: SmallestHashes;
  readonly #startedAt = performance.now();
  #running: EngineSearch | undefined;
  #hashes = 0;
  #ended = false;
  #error: Error | undefined;

  constructor(request: SearchRequest) {
    this.#request = request;
    this.#kept = new SmallestHashes(request.count);
  }

  /**
   * Searches with the engine until there is an answer.
   *
   * @throws {ProofSearchError} DEADLINE, ABORTED, WORKER_FAILED or ENGINE_INCORRECT.
   */
  async run(engine: Engine): Promise<Solution> {
    const { prefix, target, improveUntil, deadline, signal } = this.#request;
    const abort = (): void => {
      this.#end(this.#failure("ABORTED", "The search was aborted", signal.reason));
    };
    const cancelDeadline = callAt(deadline, () => {
      this.#endWithWhatIsThere();
    });
    const cancelImproving = callAt(improveUntil, () => {
      if (this.#kept.full) this.#end();
    });
    signal.addEventListener("abort", abort);
    try {
      if (signal.aborted) abort();
      else await this.#search(engine, { prefix, target });
    } finally {
      cancelDeadline();
      cancelImproving();
      signal.removeEventListener("abort", abort);
    }
    if (this.#error !== undefined) throw this.#error;
    return this.#solution();
  }

  async #search(engine: Engine, request: { prefix: Uint8Array; target: bigint }): Promise<void> {
    this.#running = engine.search(request, (report) => {
      this.#hear(report);
    });
    try {
      await this.#running.finished;
    } catch (cause) {
      if (cause instanceof ProofSearchError) throw cause;
      throw this.#failure("WORKER_FAILED", `The ${engine.name} engine failed`, cause);
    }
    if (!this.#ended) this.#end(this.#failure("ENGINE_INCORRECT", "The engine stopped before it was asked to"));
  }

  /** Errors must not escape into the engine, which would not know what to do with them. */
  #hear({ hashes, nonces }: EngineReport): void {
    this.#hashes += hashes;
    try {
      for (const nonce of nonces) this.#consider(nonce);
      this.#request.onProgress?.(this.#progress());
    } catch (error) {
      // Late reports are judged too: a wrong one spoils an answer that seemed complete.
      this.#error ??= error instanceof Error ? error : new Error(String(error), { cause: error });
      this.#end();
      return;
    }
    const { improveUntil } = this.#request;
    if (this.#kept.full && (improveUntil === undefined || Date.now() >= improveUntil)) this.#end();
  }

  /** Believes nothing: recomputes the hash of a nonce and keeps it if it is good enough. */
  #consider(nonce: bigint): void {
    const { prefix, target } = this.#request;
    const hash = attemptHash(prefix, nonce);
    if (topBits(hash) > topBits(target)) {
      throw this.#failure("ENGINE_INCORRECT", `The engine reported nonce ${nonce.toString()}, whose hash is too large`);
    }
    if (hash > target) return;
    if (!this.#kept.offer(hash, nonce)) {
      throw this.#failure("ENGINE_INCORRECT", `The engine reported nonce ${nonce.toString()} twice`);
    }
    if (this.#kept.full && this.#kept.largest !== undefined) this.#running?.tighten(this.#kept.largest);
  }

  #endWithWhatIsThere(): void {
    if (this.#kept.full) {
      this.#end();
      return;
    }
    const found = `${this.#kept.size} of ${this.#request.count} hashes found`;
    this.#end(this.#failure("DEADLINE", `The deadline came with only ${found}`));
  }

  /** Ends the search, with an error or with what was found, unless it has ended already. */
  #end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error ??= error;
    this.#running?.stop();
  }

  #failure(code: ProofSearchError["code"], message: string, cause?: unknown): ProofSearchError {
    return new ProofSearchError(code, message, { progress: this.#progress(), cause });
  }

  #progress(): SearchProgress {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const rate = seconds > 0 ? this.#hashes / seconds : 0;
    return { hashes: this.#hashes, seconds, rate, found: this.#kept.size, count: this.#request.count };
  }

  #solution(): Solution {
    const { hashes, seconds, rate } = this.#progress();
    const largestHash = this.#kept.largest;
    if (largestHash === undefined) throw new RangeError("A search without hashes has no solution");
    return { nonces: packNonces(this.#kept.nonces), largestHash, hashes, seconds, rate };
  }
}
