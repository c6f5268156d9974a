import { MAX_UINT256, prefixBytes } from "./bytes.ts";
import { chooseEngine, type ChosenEngine, type EngineRefusal } from "./chooseEngine.ts";
import { type Engine } from "./engine.ts";
import { type EngineKind, type EngineOptions } from "./engineKind.ts";
import { ENGINE_KINDS } from "./engineKinds.ts";
import { ProofSearchError, type SearchProgress } from "./errors.ts";
import { Search, type SearchRequest, type Solution } from "./search.ts";
import { PROOF_COUNT } from "./target.ts";

/** How a prover computes. */
export interface ProverOptions extends EngineOptions {
  /**
   * `auto`, the default, is the fastest built-in engine that computes what @noble/hashes does; the name of a kind, or of a
   * kind and variant, such as `native-avx2`, is that one or none. An engine of one's own belongs to the prover from then on:
   * closing the prover closes it. It is taken as it is, since every find is recomputed.
   */
  readonly engine?: string | Engine | undefined;
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
  /** What the engine runs on. */
  readonly device: string;
  readonly threads: number;
  /** Engines that `auto` passed over because they cannot or must not be used here, or that failed in a search, and why. */
  readonly refused: readonly EngineRefusal[];
  /**
   * Finds the smallest hashes it comes across: `count` of them, all at most the target. Where `auto` chose the engine and that fails, the
   * search begins anew with the next best.
   *
   * @throws {ProofSearchError} As its `code` says.
   */
  solve(options: SolveOptions): Promise<Solution>;
  /** Aborts the search under way and ends the threads. May be called again. */
  close(): Promise<void>;
}

/**
 * Makes a prover whose threads and devices are ready, so that a search begins at once; close it when done.
 *
 * @throws {ProofSearchError} With code INVALID_OPTION when an option makes no sense.
 * @throws {EngineUnusableError} When the engine that was named cannot be used here.
 * @throws {InputError} When there is no engine of that name.
 */
export async function createProver(
  { engine = "auto", ...options }: ProverOptions = {},
  kinds: readonly EngineKind[] = ENGINE_KINDS,
): Promise<Prover> {
  if (typeof engine !== "string") return new EngineProver({ engine, refused: [] }, noOther);
  const chosen = await chooseEngine(engine, options, kinds);
  return new EngineProver(chosen, engine === "auto" ? otherChoice(chosen, options, kinds) : noOther);
}

/** What a prover works with, and what is left if that fails. */
type Choice = Pick<ChosenEngine, "engine" | "refused">;
type NextChoice = () => Promise<{ readonly choice: Choice; readonly next: NextChoice } | undefined>;

/** Where one engine was asked for, there is no other. */
const noOther: NextChoice = () => Promise.resolve(undefined);

/** The choice among the kinds that are left when the chosen one fails; undefined where none is. */
function otherChoice({ kind }: ChosenEngine, options: EngineOptions, kinds: readonly EngineKind[]): NextChoice {
  return async () => {
    const left = kinds.filter((each) => each !== kind);
    try {
      const choice = await chooseEngine("auto", options, left);
      return { choice, next: otherChoice(choice, options, left) };
    } catch {
      // The failure that led here says more.
      return undefined;
    }
  };
}

/**
 * Searches once, with a prover made for it and closed after it, whatever happens.
 *
 * @throws {ProofSearchError} As its `code` says.
 * @throws As {@link createProver} does.
 */
export async function solve(options: SolveOptions & ProverOptions): Promise<Solution> {
  const prover = await createProver(options);
  try {
    return await prover.solve(options);
  } finally {
    await prover.close();
  }
}

/** Failures that are the engine's alone: with another one the search may succeed. */
const isOfEngine = (error: unknown): error is ProofSearchError =>
  error instanceof ProofSearchError && (error.code === "ENGINE_INCORRECT" || error.code === "WORKER_FAILED");

class EngineProver implements Prover {
  readonly #closing = new AbortController();
  #engine: Engine;
  #refused: readonly EngineRefusal[];
  #next: NextChoice;
  #searching: Promise<Solution> | undefined;

  constructor({ engine, refused }: Choice, next: NextChoice) {
    this.#engine = engine;
    this.#refused = refused;
    this.#next = next;
  }

  get refused(): readonly EngineRefusal[] {
    return this.#refused;
  }

  get engine(): string {
    return this.#engine.name;
  }

  get device(): string {
    return this.#engine.device;
  }

  get threads(): number {
    return this.#engine.threads;
  }

  async solve(options: SolveOptions): Promise<Solution> {
    if (this.#closing.signal.aborted) throw new ProofSearchError("CLOSED", "The prover was closed");
    if (this.#searching !== undefined) throw new ProofSearchError("BUSY", "The prover is already searching");
    // eslint-disable-next-line local/kept-promises -- awaited at once; kept for whoever closes the prover meanwhile
    this.#searching = this.#search(checked(options, this.#closing.signal));
    try {
      return await this.#searching;
    } finally {
      this.#searching = undefined;
    }
  }

  /** Searches, and where the engine fails in the midst, from the beginning with the best one that is left. */
  async #search(request: SearchRequest): Promise<Solution> {
    for (;;) {
      try {
        return await new Search(request).run(this.#engine);
      } catch (error) {
        if (!isOfEngine(error) || !(await this.#replace(error))) throw error;
      }
    }
  }

  async #replace(failure: ProofSearchError): Promise<boolean> {
    const other = await this.#next();
    if (other === undefined) return false;
    const { name } = this.#engine;
    const reason = `It failed in the midst of a search: ${failure.message}`;
    await this.#engine.close();
    this.#refused = [...this.#refused, { engine: name, reason, isWrong: failure.code === "ENGINE_INCORRECT" }];
    this.#engine = other.choice.engine;
    this.#next = other.next;
    return true;
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
