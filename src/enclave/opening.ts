import { decryptDataset, MAX_FILE_SIZE } from "../data/cipher.ts";
import { openDataKey } from "../data/delivery.ts";
import type { DatasetContent, TaskInputs } from "../data/documents.ts";
import { DataError } from "../data/errors.ts";
import { openInputs } from "../data/inputs.ts";
import { checkedPublicKey, type PrivateKey } from "../data/keys.ts";
import { MAX_SEALED_SIZE } from "../data/sealing.ts";
import { EnclaveError } from "./errors.ts";
import { readLimited, readSealedKey } from "./files.ts";
import { trainingParameters, type TrainingParameters } from "./logistic.ts";
import type { AbortReason, TaskFiles, TaskTerms } from "./protocol.ts";
import { parseTable, type Table } from "./table.ts";

/** A task's inputs, or why they are no use. */
export type OpenedInputs =
  | { readonly usable: true; readonly inputs: TaskInputs; readonly parameters: TrainingParameters }
  | { readonly usable: false; readonly reason: AbortReason };

const unusable = (reason: AbortReason): OpenedInputs => ({ usable: false, reason });

/** Faults that are the requester's, whatever terms the program was given. */
const REQUESTERS_FAULTS: Partial<Record<string, AbortReason>> = {
  NOT_OPENED: "NOT_OPENED",
  SEALED_TRUNCATED: "UNREADABLE",
  CONTENT_FORMAT: "UNREADABLE",
};

/**
 * Opens a task's inputs. Whether they are usable must follow from the sealed bytes, this key, the chain and the escrow alone: an Abort
 * binds those, so whoever runs the program cannot get one signed by giving it false terms. A difference that the chain would
 * show (the node, the datasets) is an error, which has no signature.
 *
 * @throws {EnclaveError} FILE_UNREADABLE, OTHER_TERMS.
 * @throws {DataError} SEALED_TAMPERED: the file is not the one of the task.
 */
export function openTaskInputs(key: PrivateKey, task: TaskTerms, files: TaskFiles): OpenedInputs {
  const sealed = readLimited(files.inputs, MAX_SEALED_SIZE);
  let inputs: TaskInputs;
  try {
    inputs = openInputs(key, sealed, task);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const reason = REQUESTERS_FAULTS[error.code];
    if (reason !== undefined) return unusable(reason);
    if (error.code !== "OTHER_CONTEXT") throw error;
    if (error.fields.some((field) => field !== "nodeId")) return unusable("OTHER_CONTEXT");
    throw new EnclaveError("OTHER_TERMS", `The inputs are not for node ${task.nodeId.toString()}`);
  }
  if (inputs.datasets.length === 0) return unusable("NO_DATASETS");
  try {
    checkedPublicKey(inputs.resultKey);
  } catch {
    return unusable("RESULT_KEY");
  }
  const parameters = trainingParameters.safeParse(inputs.parameters);
  if (!parameters.success) return unusable("PARAMETERS");
  requireTerms(task, inputs);
  return { usable: true, inputs, parameters: parameters.data };
}

function requireTerms(task: TaskTerms, inputs: TaskInputs): void {
  if (inputs.grants !== task.grants) {
    throw new EnclaveError("OTHER_TERMS", `The inputs are not for DataGrants at ${task.grants}`);
  }
  const list = (datasets: readonly DatasetContent[]): string =>
    datasets.map(({ datasetId, owner, contentHash }) => [datasetId.toString(), owner, contentHash].join(":")).join();
  if (list(inputs.datasets) !== list(task.datasets)) {
    throw new EnclaveError("OTHER_TERMS", "The inputs are not for the datasets that were given as the task's");
  }
}

/**
 * Opens one of a task's datasets with the data key that was sealed to this enclave.
 *
 * @throws {EnclaveError} MISSING_DATASET, FILE_UNREADABLE, DOCUMENT_FORMAT, DATASET_FORMAT.
 * @throws {DataError} Whatever is wrong with the sealed key or the encrypted file.
 */
export function openTaskDataset(
  key: PrivateKey,
  { chainId, grants, nodeId }: TaskTerms,
  files: TaskFiles,
  { datasetId, owner, contentHash }: DatasetContent,
): Table {
  const name = `Dataset ${datasetId.toString()}`;
  const place = files.datasets.find((each) => each.datasetId === datasetId);
  if (place === undefined) throw new EnclaveError("MISSING_DATASET", `${name} is not among the files`);
  const use = { chainId, grants, datasetId, owner, contentHash, nodeId };
  const dataKey = openDataKey(key, readSealedKey(place.sealedKey), use);
  try {
    const plain = decryptDataset(readLimited(place.file, MAX_FILE_SIZE), dataKey, contentHash);
    try {
      return parseTable(plain, name);
    } finally {
      plain.fill(0);
    }
  } finally {
    dataKey.fill(0);
  }
}
