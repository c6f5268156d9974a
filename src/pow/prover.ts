import { MAX_UINT256, prefixBytes } from "./bytes.ts";
import { type Engine } from "./engine.ts";
import { ProofSearchError, type SearchProgress } from "./errors.ts";
import { Search, type SearchRequest, type Solution } from "./search.ts";
import { PROOF_COUNT } from "./target.ts";
import { createWasmEngine } from "./wasmEngine.ts";

/** How a prover computes. */
export interface ProverOptions {
  /** Worker threads of the built-in engine; as many as the machine runs at once by default. */
  readonly threads?: number | undefined;
  /**
   * A built-in engine's variant, `auto` by default, or an engine of one's own, which then belongs to the prover:
   * closing the prover closes it.
   */
  readonly engine?: "auto" | "simd" | "scalar" | Engine | undefined;
}

/** What to search. Times are milliseconds since the Unix epoch. */
export interface SolveOptions {
  /** 32 bytes, or hex: see proofPrefix. */
  readonly prefix: Uint8Array | string;
  /** What the largest hash may be at most: see targetOf. */
  readonly target: bigint;
  /** How many hashes to find; 128 by default. */
  readonly count?: number | undefined;
  /**
   * Until when to go on after enough hashes are found, for smaller ones, which show a higher rate. By default the
   * search ends as soon as there are enough.
   */
  readonly improveUntil?: number | undefined;
  /** When to end at the latest: with what is there if that is enough, else with an error. */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with every report of the engine. What it throws ends the search and is thrown by `solve`. */
  readonly onProgress?: ((progress: SearchProgress) => void) | undefined;
}

/** Searches nonces, one search at a time, with threads that live from one search to the next. */
export interface Prover {
  /** The engine's name. */
  readonly engine: string;
  readonly threads: number;
  /**
   * Finds the smallest hashes it comes across: `count` of them, all at most the target.
   *
   * @throws {ProofSearchError} As its `code` says.
   */
  solve(options: SolveOptions): Promise<Solution>;
  /** Aborts the search under way and ends the threads. May be called again. */
  close(): Promise<void>;
}

/**
 * Makes a prover; close it when done.
 *
 * @throws {ProofSearchError} With code INVALID_OPTION when `threads` makes no sense.
 */
export async function createProver({ threads, engine = "auto" }: ProverOptions = {}): Promise<Prover> {
  return new EngineProver(typeof engine === "string" ? await createWasmEngine({ threads, variant: engine }) : engine);
}

/**
 * Searches once, with a prover made for it and closed after it, whatever happens.
 *
 * @throws {ProofSearchError} As its `code` says.
 */
export async function solve({ threads, engine, ...options }: SolveOptions & ProverOptions): Promise<Solution> {
  const prover = await createProver({ threads, engine });
  try {
    return await prover.solve(options);
  } finally {
    await prover.close();
  }
}

class EngineProver implements Prover {
  readonly #engine: Engine;
  readonly #closing = new AbortController();
  #searching: Promise<Solution> | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get engine(): string {
    return this.#engine.name;
  }

  get threads(): number {
    return this.#engine.threads;
  }

  async solve(options: SolveOptions): Promise<Solution> {
    if (this.#closing.signal.aborted) throw new ProofSearchError("CLOSED", "The prover was closed");
    if (this.#searching !== undefined) throw new ProofSearchError("BUSY", "The prover is already searching");
    // eslint-disable-next-line local/kept-promises -- awaited at once; kept for whoever closes the prover meanwhile
    this.#searching = new Search(checked(options, this.#closing.signal)).run(this.#engine);
    try {
      return await this.#searching;
    } finally {
      this.#searching = undefined;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("The prover was closed"));
    // The search's own caller hears of its failure.
    await this.#searching?.catch(() => undefined);
    await this.#engine.close();
  }
}

function checked(options: SolveOptions, closing: AbortSignal): SearchRequest {
  const { target, count = PROOF_COUNT, improveUntil, deadline, signal, onProgress } = options;
  const prefix = prefixBytes(options.prefix);
  if (prefix === undefined) throw new ProofSearchError("INVALID_PREFIX", "A prefix must be 32 bytes");
  if (typeof target !== "bigint" || target <= 0n || target > MAX_UINT256) {
    throw new ProofSearchError("INVALID_TARGET", `A target must lie between 1 and 2^256 - 1, not ${String(target)}`);
  }
  if (!Number.isInteger(count) || count < 1) {
    throw new ProofSearchError("INVALID_OPTION", `The count must be a positive whole number, not ${count}`);
  }
  requireTime("improveUntil", improveUntil);
  requireTime("deadline", deadline);
  return {
    prefix,
    target,
    count,
    improveUntil,
    deadline,
    signal: signal === undefined ? closing : AbortSignal.any([closing, signal]),
    onProgress,
  };
}

function requireTime(name: string, time: number | undefined): void {
  if (time === undefined || Number.isFinite(time)) return;
  throw new ProofSearchError("INVALID_OPTION", `${name} must be milliseconds since the Unix epoch, not ${time}`);
}
