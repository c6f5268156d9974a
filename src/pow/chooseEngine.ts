import { setTimeout } from "node:timers/promises";

import { InputError } from "../inputError.ts";
import { type Engine } from "./engine.ts";
import { type EngineKind, type EngineOptions, EngineUnusableError, WrongEngineError } from "./engineKind.ts";
import { ENGINE_KINDS } from "./engineKinds.ts";
import { engineRate } from "./engineRate.ts";
import { messageOf, ProofSearchError } from "./errors.ts";
import { faultOf, makeSelfTest, type SelfTest } from "./selfTest.ts";

/** An engine that is not used, and why. */
export interface EngineRefusal {
  /** The kind, or the engine where there was one already. */
  readonly engine: string;
  /** A sentence without its full stop. */
  readonly reason: string;
  /** Whether it computed something wrong, and not just cannot run here. */
  readonly isWrong: boolean;
}

/** An engine that may be used, and what else there was. */
export interface ChosenEngine {
  readonly engine: Engine;
  readonly kind: EngineKind;
  readonly refused: readonly EngineRefusal[];
}

/** Seconds that engines are compared for, each in each round. */
const COMPARED = { warmUp: 0.1, seconds: 0.1 };

/** How often engines are compared: what else the machine does for a moment slows down one of them only. */
const ROUNDS = 3;

/** How long an engine may take, by default, to become ready and to show that it is right, in milliseconds. */
const PATIENCE = 20_000;

/** A self-test, and the milliseconds that there are for it. */
interface Trial extends SelfTest {
  readonly patience: number;
}

/** What engines may be called when one is chosen: each kind, and each of its variants. */
export function engineNames(kinds: readonly EngineKind[] = ENGINE_KINDS): string[] {
  return ["auto", ...kinds.flatMap(({ name, variants }) => [name, ...variants.map((variant) => `${name}-${variant}`)])];
}

/**
 * Chooses an engine that computes what @noble/hashes does, and readies it.
 *
 * @param patience Milliseconds after which an engine that is silent is given up: a lost device says nothing.
 * @param choice `auto` for the fastest of those that can be trusted; else the name of a kind, or of a kind and variant.
 * @throws {EngineUnusableError} When the engine that was named cannot be used, or none can.
 * @throws {InputError} When there is no engine of the name.
 * @throws {ProofSearchError} With code INVALID_OPTION when an option makes no sense.
 */
export async function chooseEngine(
  choice = "auto",
  options: EngineOptions = {},
  kinds: readonly EngineKind[] = ENGINE_KINDS,
  patience = PATIENCE,
): Promise<ChosenEngine> {
  const test: Trial = { ...makeSelfTest(), patience };
  if (choice !== "auto") {
    const { kind, variant } = named(choice, kinds);
    return { engine: await trusted(kind, options, variant, test), kind, refused: [] };
  }
  const refused: EngineRefusal[] = [];
  const usable: Candidate[] = [];
  try {
    for (const kind of kinds.filter(({ isOffered }) => isOffered?.(options) ?? true)) {
      try {
        usable.push({ engine: await trusted(kind, options, undefined, test), kind });
      } catch (error) {
        refused.push(refusalOf(kind.name, error));
      }
    }
    const best = await fastest(usable, refused);
    if (best === undefined) throw noneOf(refused);
    usable.splice(usable.indexOf(best), 1);
    return { ...best, refused };
  } finally {
    await Promise.all(usable.map(({ engine }) => engine.close()));
  }
}

/** An engine that passed its test. */
interface Candidate {
  readonly engine: Engine;
  readonly kind: EngineKind;
}

/** The engine that was the fastest in any round; one alone is not measured. What fails meanwhile is refused. */
async function fastest(candidates: readonly Candidate[], refused: EngineRefusal[]): Promise<Candidate | undefined> {
  if (candidates.length < 2) return candidates[0];
  const rates = new Map(candidates.map((candidate) => [candidate, 0]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [candidate, before] of rates) {
      try {
        rates.set(candidate, Math.max(before, await engineRate(candidate.engine, COMPARED)));
      } catch (error) {
        rates.delete(candidate);
        refused.push(refusalOf(candidate.kind.name, error));
      }
    }
  }
  return [...rates].sort(([, one], [, other]) => other - one)[0]?.[0];
}

/** Makes an engine, readies it and tests it. */
async function trusted(
  kind: EngineKind,
  options: EngineOptions,
  variant: string | undefined,
  test: Trial,
): Promise<Engine> {
  const engine = await kind.create(options, variant);
  try {
    const heard = new AbortController();
    const fault = await Promise.race([
      faultIn(engine, kind, test),
      silence(engine, test.patience, heard.signal),
    ]).finally(() => {
      heard.abort();
    });
    if (fault === undefined) return engine;
    throw new WrongEngineError(
      `The engine ${engine.name} computes wrong hashes and is not used: ${fault}`,
      "Choose another engine with --engine, and report this with the processor's model.",
    );
  } catch (error) {
    await engine.close();
    throw error instanceof EngineUnusableError ? error : failed(engine, error);
  }
}

/** An engine that failed instead of giving an answer. */
function failed({ name }: Engine, cause: unknown): EngineUnusableError {
  return new EngineUnusableError(
    `The engine ${name} failed its self-test: ${messageOf(cause)}`,
    "Choose another engine.",
    {
      cause,
    },
  );
}

/** Readies an engine and tests it. */
async function faultIn(engine: Engine, kind: EngineKind, test: SelfTest): Promise<string | undefined> {
  await engine.prepare();
  return kind.testsItself === true ? undefined : faultOf(engine, test);
}

/**
 * Waits until an engine has been silent for too long.
 *
 * @param heard Ends the waiting.
 */
async function silence(engine: Engine, patience: number, heard: AbortSignal): Promise<undefined> {
  try {
    await setTimeout(patience, undefined, { signal: heard, ref: false });
  } catch {
    return undefined;
  }
  throw new EngineUnusableError(
    `The engine ${engine.name} did not answer its self-test within ${String(patience / 1000)} s`,
    "Choose another engine with --engine.",
  );
}

/**
 * Why an engine is passed over: whatever happens to it, the next one may be usable.
 *
 * @param name Of the engine, or of its kind.
 * @throws {ProofSearchError} The error, when an option makes no sense.
 */
export function refusalOf(name: string, error: unknown): EngineRefusal {
  if (error instanceof ProofSearchError && error.code === "INVALID_OPTION") throw error;
  const reason = error instanceof EngineUnusableError ? error.problem : `It failed: ${messageOf(error)}`;
  return { engine: name, reason, isWrong: error instanceof WrongEngineError };
}

function noneOf(refused: readonly EngineRefusal[]): EngineUnusableError {
  const reasons = refused.map(({ reason }) => reason).join(". ");
  return new EngineUnusableError(`No engine can be used. ${reasons}`, "Use a machine that runs WebAssembly.");
}

function named(choice: string, kinds: readonly EngineKind[]): { kind: EngineKind; variant: string | undefined } {
  for (const kind of kinds) {
    if (choice === kind.name) return { kind, variant: undefined };
    const variant = kind.variants.find((each) => choice === `${kind.name}-${each}`);
    if (variant !== undefined) return { kind, variant };
  }
  throw new InputError(`There is no engine "${choice}"`, `Give one of ${engineNames(kinds).join(", ")}.`);
}
