/*
 * Names of the files that come and go over the network. Numbers and hashes only, so that no name leads out of the folder; what the chain
 * names by a hash has it in its name, so that a reorganisation makes no wrong file of a right one.
 */

/** A dataset's encrypted file. */
export const datasetName = (contentHash: string): string => `dataset-${contentHash.slice(2)}.enc`;

/** A dataset's key, sealed to one enclave. */
export const sealedKeyName = (datasetId: number, enclaveKey: string): string =>
  `dataset-${String(datasetId)}-${enclaveKey.slice(2).toLowerCase()}.sealed.json`;

/** A task's sealed inputs. */
export const inputsName = (taskId: number, inputHash: string): string =>
  `task-${String(taskId)}-${inputHash.slice(2, 18)}.inputs.sealed`;

/** A task's sealed result. */
export const resultName = (taskId: number, inputHash: string): string =>
  `task-${String(taskId)}-${inputHash.slice(2, 18)}.result.sealed`;

/** The enclave's statement on a task. */
export const statementName = (taskId: number, inputHash: string): string =>
  `task-${String(taskId)}-${inputHash.slice(2, 18)}.statement.json`;

/** Validators' verdicts on a task's result. */
export const verdictsName = (taskId: number, inputHash: string): string =>
  `task-${String(taskId)}-${inputHash.slice(2, 18)}.verdicts.json`;

/** Where a task's inputs, a dataset's file and its key stay as they were when the task was accepted. */
export const keptInputsName = (taskId: number, inputHash: string): string =>
  `task-${String(taskId)}-${inputHash.slice(2, 18)}.kept.inputs`;

/** As {@link keptInputsName}, of a dataset's file or its key. */
export const keptDatasetName = (taskId: number, inputHash: string, datasetId: bigint, part: "file" | "key"): string =>
  `task-${String(taskId)}-${inputHash.slice(2, 18)}.kept.${datasetId.toString()}.${part}`;

/** The task that the gateway has accepted, or is about to. */
export const ACCEPTED_NAME = "accepted-task.json";
