import { InputError } from "../inputError.ts";
import { type Engine, type Unit } from "./engine.ts";
import { type NativeOptions } from "./native/options.ts";
import { type WebGpuOptions } from "./webgpu/options.ts";
import { type RemoteOptions } from "./remote/options.ts";

/** How engines compute. Each kind takes what concerns it. */
export interface EngineOptions {
  /** Worker threads of an engine for processors; as many as the machine runs at once by default. */
  readonly threads?: number | undefined;
  /** How much searching threads give way to other work, 0 to 19 as `nice` has it; 0 by default. A GPU's own work has no such order. */
  readonly niceness?: number | undefined;
  /** The part of the time that each searching thread works at most, above 0 and at most 1; 1 by default. GPUs are not slowed down. */
  readonly cpuShare?: number | undefined;
  /** Where native code is kept, and whether it may be compiled. */
  readonly native?: NativeOptions | undefined;
  /** Where npm's `webgpu` is, and which devices are used. */
  readonly webgpu?: WebGpuOptions | undefined;
  /** Where workers on other machines are found; without it there are none. */
  readonly remote?: RemoteOptions | undefined;
}

/** A kind of engine, which this machine may be able to use or not. */
export interface EngineKind {
  /** What it is chosen by. */
  readonly name: string;
  /** What its engines' threads are, unless an engine says that itself. */
  readonly unit: Unit;
  /** Its forms, the best first; each is chosen by `name-variant`. */
  readonly variants: readonly string[];
  /** Whether what it is made of is tested apart, so that a wrong part is left out and the rest is used; no by default. */
  readonly testsItself?: boolean;
  /** Whether `auto` looks at it; always by default. */
  readonly isOffered?: (options: EngineOptions) => boolean;
  /**
   * Makes an engine; close it when done.
   *
   * @param variant One of `variants`; the best that this machine has by default.
   * @throws {EngineUnusableError} When this machine cannot run it. It says why.
   * @throws {ProofSearchError} With code INVALID_OPTION when an option makes no sense.
   */
  create(options: EngineOptions, variant?: string): Promise<Engine>;
}

/** An engine that this machine cannot use, or must not. `problem` is a sentence that says why. */
export class EngineUnusableError extends InputError {}

/** An engine that computes something else than @noble/hashes, or counts what it did not compute. */
export class WrongEngineError extends EngineUnusableError {}
