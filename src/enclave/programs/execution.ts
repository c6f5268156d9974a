import { EnclaveError } from "../errors.ts";
import { DataError } from "../../data/errors.ts";
import { WeightsReader, type OpenedWeights } from "../weights.ts";
import { refuse } from "./binary.ts";
import { Platform, Refusal, type Cells, type Declared, type Parameters } from "./platform.ts";
import { MAX_PAGES, prepared, STEPS, type Limits } from "./preparing.ts";
import { api, type Memory, type Module, type Steps } from "./webAssembly.ts";

/** How many instructions a program may take: what the largest work of the enclave's own needs, and somewhat more. */
export const MAX_STEPS = 10n ** 12n;

/** How many of them it may take to prepare. */
const PREPARING_STEPS = 10n ** 9n;

/** What a program works on. */
export interface Work {
  /** All of the same columns. */
  readonly tables: readonly Cells[];
  readonly parameters: Parameters;
  /** Of a model, in a file of their own. */
  readonly weights?: OpenedWeights | undefined;
  /** The fewest rows that the owners demand of each of their datasets. */
  readonly leastRows: number;
  /** The most numbers that its result may have; as many of each kind as can be declared where it is left out. */
  readonly mostNumbers?: number;
}

/** Why a program gave up, whatever machine it runs on. */
export type GivenUp = "PROGRAM" | "PARAMETERS" | "TOO_MUCH_WORK" | "PROGRAM_FAILED";

/** What comes of a program. Each follows from the program, its parameters and the tables alone. */
export type Outcome =
  | { readonly ended: "prepared"; readonly declared: Declared }
  | { readonly ended: "result"; readonly values: Float64Array; readonly metrics: Float64Array }
  /** Before it has said how long its result is. */
  | { readonly ended: "given-up"; readonly reason: GivenUp }
  /** After that. */
  | { readonly ended: "failed"; readonly reason: GivenUp; readonly declared: Declared };

/** A program that can be run. */
export interface Program {
  readonly module: Module;
  /** How many instructions it may take when it runs. */
  readonly steps: bigint;
}

/**
 * Checks a program and makes it ready to run: it imports nothing but what the platform has, and counts its steps.
 *
 * @throws {EnclaveError} PROGRAM_FORMAT; PROGRAM_STOPPED where this machine cannot compile it.
 */
export function compiled(code: Uint8Array, { steps = MAX_STEPS, pages = MAX_PAGES }: Partial<Limits> = {}): Program {
  const metered = prepared(code, { steps: steps < PREPARING_STEPS ? steps : PREPARING_STEPS, pages });
  // As it came, too: once it counts its steps, it could name what it is counted by.
  if (!api.validate(new Uint8Array(code))) refuse("is not valid WebAssembly");
  try {
    return { module: new api.Module(metered), steps };
  } catch (error) {
    // Of anything else, such as too little memory, another machine would know nothing.
    if (!(error instanceof api.CompileError)) throw stopped();
    return refuse("is not valid WebAssembly");
  }
}

const stopped = (): EnclaveError => new EnclaveError("PROGRAM_STOPPED", "The program could not be run to its end here");

/** What {@link compiled} has found that a program exports. */
interface Exports {
  readonly memory: Memory;
  readonly prepare: () => void;
  readonly run: () => void;
  readonly [STEPS]: Steps;
}

/** Whether an error is a program's own doing, and not that the machine had too little memory or stack. */
const isProgramsOwn = (error: unknown): boolean => error instanceof api.RuntimeError;

/**
 * Why a program has come to no end of its own.
 *
 * @throws What is no doing of the program's.
 */
function reasonOf(error: unknown): GivenUp {
  if (error instanceof DataError || error instanceof EnclaveError) throw error;
  if (error instanceof Refusal) return error.reason;
  if (isProgramsOwn(error)) return "PROGRAM_FAILED";
  throw stopped();
}

/**
 * Runs a program, as far as `prepare` or to its end.
 *
 * @throws {EnclaveError} PROGRAM_STOPPED where this machine cannot run it: that says nothing of the program, and is no reason to give up.
 * @throws {EnclaveError | DataError} FILE_UNREADABLE, WEIGHTS_TRUNCATED, WEIGHTS_TAMPERED where the weights are not there any more: no reason either.
 */
export function execute({ module, steps }: Program, work: Work, upTo: "prepare" | "run"): Outcome {
  const weights = work.weights && new WeightsReader(work.weights);
  const platform = new Platform(work, weights);
  let declared: Declared | undefined;
  try {
    const instance = new api.Instance(module, { platform: platform.imports });
    const exported = instance.exports as unknown as Exports;
    platform.attach(exported.memory, exported[STEPS]);
    platform.enter("prepare");
    exported.prepare();
    declared = platform.prepared();
    if (upTo === "prepare") return { ended: "prepared", declared };
    exported[STEPS].value = steps;
    platform.enter("run");
    exported.run();
    return { ended: "result", ...platform.result() };
  } catch (error) {
    const reason = reasonOf(error);
    return declared === undefined ? { ended: "given-up", reason } : { ended: "failed", reason, declared };
  } finally {
    weights?.close();
  }
}
