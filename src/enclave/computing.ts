import type { OutputPolicy } from "../data/conditions.ts";
import type { PrivateKey } from "../data/keys.ts";
import { FEWEST_ROWS } from "../documents/conditions.ts";
import { toJson } from "../json.ts";
import { utf8 } from "../sgx/bytes.ts";
import { EnclaveError, problemOf } from "./errors.ts";
import { openTaskDataset, requireKeyOf, type UsableInputs } from "./opening.ts";
import { disclosedOf, noiseSeed } from "./programs/output.ts";
import type { Outcome } from "./programs/execution.ts";
import type { Declared } from "./programs/platform.ts";
import { runProgram } from "./programs/running.ts";
import type { AbortReason, CheckAnswer, TaskFiles, TaskTerms } from "./protocol.ts";
import { mostBytesOf, mostNumbersOf, type ResultFrame } from "./resultSize.ts";
import { wipeTable, type Table } from "./table.ts";
import { openWeights, type OpenedWeights } from "./weights.ts";
import { Workload } from "./workload.ts";

/** A task, its files, and the key that they were sealed to. */
export interface TaskInHand {
  readonly key: PrivateKey;
  readonly task: TaskTerms;
  readonly files: TaskFiles;
}

/** What a program is told of a table before it may read it. */
const shapeOf = ({ rows, columns }: Table): Table => ({ rows, columns, values: new Float64Array(0) });

/**
 * The weights that a task's inputs name, as they are among its files; undefined where they name none.
 *
 * @throws {EnclaveError | DataError} As {@link openWeights}.
 */
export function weightsOf({ inputs }: UsableInputs, files: TaskFiles): OpenedWeights | undefined {
  return inputs.weights && openWeights(files.weights, inputs.weights);
}

/** Refuses a table whose columns are not as many as the first one's: its own fault or the requester's, nobody can tell. */
function requireColumns(datasetId: bigint, first: Table, { columns }: Table): void {
  if (columns === first.columns) return;
  throw new EnclaveError(
    "DATASET_FORMAT",
    `Dataset ${datasetId.toString()} differs from the first one in its features`,
  );
}

/** What was found of a task's datasets: what is wrong with them, or else their shapes. */
export interface CheckedDatasets {
  readonly problems: CheckAnswer["datasets"];
  readonly shapes: readonly Table[];
}

/**
 * Opens a task's datasets one by one, to see what is wrong with them or their keys.
 *
 * @param opened Undefined where the inputs are no use: then nobody can say what the owners allow, and no dataset is opened.
 */
export function checkDatasets({ key, task, files }: TaskInHand, opened: UsableInputs | undefined): CheckedDatasets {
  const problems: CheckAnswer["datasets"] = [];
  const shapes: Table[] = [];
  let output: OutputPolicy | undefined;
  for (const dataset of task.datasets) {
    try {
      if (opened === undefined) {
        requireKeyOf(key, task, files, { dataset, use: undefined });
        continue;
      }
      const { table, conditions } = openTaskDataset(key, task, files, { dataset, use: { ...opened.use, output } });
      output ??= conditions.output;
      wipeTable(table);
      const shape = shapeOf(table);
      requireColumns(dataset.datasetId, shapes[0] ?? shape, shape);
      shapes.push(shape);
    } catch (error) {
      problems.push({ datasetId: dataset.datasetId, ...problemOf(error) });
    }
  }
  return { problems, shapes };
}

/** What a task's result says of its question. */
const frameOf = ({ inputs, parameters }: UsableInputs): ResultFrame => ({
  ...{ program: inputs.program.hash, parameters, weights: inputs.weights?.root, datasets: inputs.datasets },
});

/**
 * Why a task over tables of certain shapes will be given up, as far as its program can say before it reads a cell.
 *
 * @throws {EnclaveError} PROGRAM_STOPPED, and what {@link runProgram} says of weights.
 */
export function foreseen(
  opened: UsableInputs,
  shapes: readonly Table[],
  weights: OpenedWeights | undefined,
): AbortReason | undefined {
  if (isTooMuch(shapes)) return "TOO_MUCH_WORK";
  const { code, parameters } = opened;
  const mostNumbers = mostNumbersOf(frameOf(opened));
  const work = { tables: shapes, parameters, weights, leastRows: FEWEST_ROWS, mostNumbers };
  const outcome = runProgram(code, work, "prepare");
  return outcome.ended === "given-up" ? outcome.reason : undefined;
}

function isTooMuch(tables: readonly Table[]): boolean {
  const workload = new Workload();
  for (const table of tables) workload.add(table);
  return workload.isTooMuch;
}

/** What a task's requester is to get. */
export interface Computed {
  readonly content: Uint8Array;
  /** The most bytes that it could have had, whatever is in the data. */
  readonly mostBytes: number;
}

/**
 * Does a task: what its requester is to get, or why it is given up. Whether it is given up follows from the inputs and the contents that they name
 * alone, and never from the conditions of the keys that the datasets were opened with: whoever runs the enclave may have several of them.
 *
 * @throws {EnclaveError | DataError} What keeps weights or a dataset from being opened, or weights from being read; PROGRAM_STOPPED.
 */
export function compute({ key, task, files }: TaskInHand, opened: UsableInputs): Computed | AbortReason {
  const weights = weightsOf(opened, files);
  const tables: Table[] = [];
  const secrets: Uint8Array[] = [];
  let policy: OutputPolicy | undefined;
  try {
    for (const dataset of task.datasets) {
      const named = { dataset, use: { ...opened.use, output: policy } };
      const { table, conditions, secret } = openTaskDataset(key, task, files, named);
      tables.push(table);
      secrets.push(secret);
      policy ??= conditions.output;
      requireColumns(dataset.datasetId, tables[0] ?? table, table);
      if (isTooMuch(tables)) return "TOO_MUCH_WORK";
    }
    if (policy === undefined) throw new Error("a task over no datasets is given up before");
    return computed(opened, { tables, secrets, policy, weights });
  } finally {
    tables.forEach(wipeTable);
    for (const secret of secrets) secret.fill(0);
  }
}

/** What a program is run over, and what is let out of its result. */
interface Opened {
  readonly tables: readonly Table[];
  readonly secrets: readonly Uint8Array[];
  readonly policy: OutputPolicy;
  readonly weights: OpenedWeights | undefined;
}

/** What comes of a task's program, as its requester gets it. */
function computed(opened: UsableInputs, { tables, secrets, policy, weights }: Opened): Computed | AbortReason {
  const { code, parameters, use } = opened;
  const frame = frameOf(opened);
  const work = { tables, parameters, weights, leastRows: policy.minRows, mostNumbers: mostNumbersOf(frame) };
  const outcome = runProgram(code, work, "run");
  if (outcome.ended === "given-up") return outcome.reason;
  if (outcome.ended === "prepared") throw new Error("a program that was run has only prepared");
  const { datasets, ...asked } = frame;
  const seed = noiseSeed(secrets, { ...asked, contents: use.contents }, policy);
  const content = utf8(toJson({ ...asked, datasets, ...disclosedOf(outcome, policy, seed) }, 0));
  return { content, mostBytes: mostBytesOf(frame, countsOf(outcome)) };
}

/** How many numbers a program has declared. */
function countsOf(outcome: Extract<Outcome, { ended: "result" | "failed" }>): Declared {
  if (outcome.ended === "failed") return outcome.declared;
  return { values: outcome.values.length, metrics: outcome.metrics.length };
}
