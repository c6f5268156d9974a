import { EnclaveError } from "../enclave/errors.ts";
import { SAFE_OUTPUT } from "../documents/conditions.ts";
import { shippedPrograms, type ShippedProgram } from "../enclave/programs/catalogue.ts";
import { MAX_STEPS } from "../enclave/programs/execution.ts";
import { disclosed } from "../enclave/programs/output.ts";
import { parametersForm } from "../enclave/programs/parameters.ts";
import type { Parameters } from "../enclave/programs/platform.ts";
import { runProgram as runCode } from "../enclave/programs/running.ts";
import { ABORT_REASONS } from "../enclave/protocol.ts";
import { mostBytesOf } from "../enclave/resultSize.ts";
import { parseTable, wipeTable } from "../enclave/table.ts";
import { toJson } from "../json.ts";
import { utf8, type Hex } from "../sgx/bytes.ts";
import { ProxyError } from "./errors.ts";

/** A program that a proxy runs over one dataset. What it gives is all that whoever asks learns of the data. */
export interface ProxyProgram<P = unknown> {
  /** What capabilities name it by: keccak256 of its bytes. */
  readonly hash: Hex;
  /** What people call it. */
  readonly name: string;
  /**
   * Reads parameters, which must not depend on any data: a refusal here costs no use.
   *
   * @throws {ProxyError} PARAMETERS.
   */
  parametersOf(value: unknown): P;
  /**
   * Runs over a dataset in the clear. The same dataset and parameters give the same result.
   *
   * @returns At most {@link MAX_RESULT} bytes.
   * @throws {ProxyError | EnclaveError} With codes that say nothing secret; a use is spent all the same.
   */
  run(dataset: Uint8Array, parameters: P): Uint8Array | Promise<Uint8Array>;
}

/** The most bytes of a result. */
export const MAX_RESULT = 131_072;

/** Of a task's work a proxy does a thousandth: whoever waits for an answer keeps all others waiting. */
const STEPS = MAX_STEPS / 1_000n;

/** What {@link SAFE_OUTPUT} lets out has no noise, so nothing is made of a seed. */
const NO_NOISE = new Uint8Array(32);

/** One of the enclave's own programs, as a proxy runs it. What it gives is cut and rounded as a task's result is. */
const shipped = ({ name, hash, code }: ShippedProgram): ProxyProgram<Parameters> => ({
  hash,
  name,
  parametersOf: (value) => {
    const { success, data } = parametersForm.safeParse(value);
    if (success) return data;
    throw new ProxyError("PARAMETERS", "The parameters are neither numbers nor lists of numbers, by their names");
  },
  run: (dataset, parameters) => {
    const table = parseTable(dataset, "The dataset");
    try {
      const outcome = runCode(code, { tables: [table], parameters, leastRows: SAFE_OUTPUT.minRows }, "run", {
        steps: STEPS,
      });
      if (outcome.ended === "result") {
        const text = toJson({ program: hash, parameters, ...disclosed(outcome, SAFE_OUTPUT, NO_NOISE) }, 0);
        // Of results the bytes are counted and told, also where the result itself is not given: they follow from the question alone.
        const counts = { values: outcome.values.length, metrics: outcome.metrics.length };
        return utf8(text.padEnd(mostBytesOf({ program: hash, parameters, weights: undefined, datasets: [] }, counts)));
      }
      const reason = outcome.ended === "prepared" ? "PROGRAM_FAILED" : outcome.reason;
      throw new ProxyError(reason, ABORT_REASONS[reason].replace(/\.$/, ""));
    } finally {
      wipeTable(table);
    }
  },
});

/** The enclave's own programs. */
export const OWN_PROGRAMS: readonly ProxyProgram<Parameters>[] = shippedPrograms.map(shipped);

/** What came of running a program. */
export type Outcome = { readonly result: Uint8Array } | { readonly failure: ProxyError };

/** What the log says of it. */
export const toldOf = (outcome: Outcome): { readonly failure: string } | { readonly bytes: number } =>
  "failure" in outcome ? { failure: outcome.failure.code } : { bytes: outcome.result.length };

/** Runs a program over a dataset in the clear, which is overwritten after. */
export async function attempt<P>(program: ProxyProgram<P>, data: Uint8Array, parameters: P): Promise<Outcome> {
  try {
    return { result: await runProgram(program, data, parameters) };
  } catch (error) {
    if (error instanceof ProxyError) return { failure: error };
    throw error;
  } finally {
    data.fill(0);
  }
}

/**
 * Runs a program, and says of a failure no more than its code.
 *
 * @throws {ProxyError} With the code of what failed; INTERNAL where that says nothing.
 */
async function runProgram<P>(program: ProxyProgram<P>, dataset: Uint8Array, parameters: P): Promise<Uint8Array> {
  try {
    const result = await program.run(dataset, parameters);
    if (result.length <= MAX_RESULT) return result;
  } catch (error) {
    if (error instanceof ProxyError) throw error;
    if (error instanceof EnclaveError) throw new ProxyError(error.code, error.problem, { remedy: error.remedy });
    throw new ProxyError("INTERNAL", `The program ${program.name} failed`, { remedy: "Ask who wrote it." });
  }
  throw new ProxyError("TOO_MUCH_WORK", `The program's result has more than ${MAX_RESULT} bytes`);
}
