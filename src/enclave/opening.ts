import { hkdfSync } from "node:crypto";

import { decryptDataset, MAX_FILE_SIZE, requireDataKey } from "../data/cipher.ts";
import type { DataConditions, OutputPolicy } from "../data/conditions.ts";
import type { DataKeyUse } from "../data/contexts.ts";
import { openDataKey } from "../data/delivery.ts";
import type { DatasetContent, TaskInputs } from "../data/documents.ts";
import { DataError } from "../data/errors.ts";
import { FEWEST_ROWS } from "../documents/conditions.ts";
import { openInputs, requesterOf } from "../data/inputs.ts";
import { checkedPublicKey, enclaveKeyOf, publicKeyOf, type PrivateKey } from "../data/keys.ts";
import { MAX_SEALED_SIZE } from "../data/sealing.ts";
import { bytesOfDigits, keccak256 } from "../sgx/bytes.ts";
import { requireAllowed, requireRows, type JudgedUse, type SeenOfChain } from "./conditions.ts";
import { EnclaveError } from "./errors.ts";
import { readLimited, readSealedKey } from "./files.ts";
import { shippedPrograms } from "./programs/catalogue.ts";
import { parametersForm } from "./programs/parameters.ts";
import type { Parameters } from "./programs/platform.ts";
import type { AbortReason, TaskFiles, TaskTerms } from "./protocol.ts";
import { parseTable, wipeTable, type Table } from "./table.ts";

/** A task's inputs, and what owners' conditions are about. */
export interface UsableInputs {
  readonly usable: true;
  readonly inputs: TaskInputs;
  /** The bytes of the program that they name. */
  readonly code: Uint8Array;
  readonly parameters: Parameters;
  readonly use: JudgedUse;
}

/** A task's inputs, or why they are no use. */
export type OpenedInputs = UsableInputs | { readonly usable: false; readonly reason: AbortReason };

const unusable = (reason: AbortReason): OpenedInputs => ({ usable: false, reason });

/** Faults that are the requester's, whatever terms the program was given. */
const REQUESTERS_FAULTS: Partial<Record<string, AbortReason>> = {
  NOT_OPENED: "NOT_OPENED",
  SEALED_TRUNCATED: "UNREADABLE",
  CONTENT_FORMAT: "UNREADABLE",
};

/** A task's inputs as they were sealed, or why they are no use. */
function readInputs(key: PrivateKey, task: TaskTerms, files: TaskFiles): TaskInputs | AbortReason {
  const sealed = readLimited(files.inputs, MAX_SEALED_SIZE);
  try {
    return openInputs(key, sealed, task);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const reason = REQUESTERS_FAULTS[error.code];
    if (reason !== undefined) return reason;
    if (error.code !== "OTHER_CONTEXT") throw error;
    if (error.fields.some((field) => field !== "nodeId")) return "OTHER_CONTEXT";
    throw new EnclaveError("OTHER_TERMS", `The inputs are not for node ${task.nodeId.toString()}`);
  }
}

/**
 * Opens a task's inputs. Whether they are usable must follow from the sealed bytes, this key, the chain and the escrow alone: whoever runs the
 * program cannot get an Abort signed by giving it false terms. A difference that the chain would
 * show (the node, the datasets) is an error, which has no signature.
 *
 * @param seen Undefined for a program that believes whoever runs it.
 * @throws {EnclaveError} FILE_UNREADABLE, OTHER_TERMS.
 * @throws {DataError} SEALED_TAMPERED: the file is not the one of the task.
 */
export function openTaskInputs(key: PrivateKey, task: TaskTerms, files: TaskFiles, seen?: SeenOfChain): OpenedInputs {
  const inputs = readInputs(key, task, files);
  if (typeof inputs === "string") return unusable(inputs);
  if (inputs.datasets.length === 0) return unusable("NO_DATASETS");
  try {
    checkedPublicKey(inputs.resultKey);
  } catch {
    return unusable("RESULT_KEY");
  }
  const code = codeOf(inputs.program);
  if (code === undefined) return unusable("PROGRAM");
  const parameters = parametersForm.safeParse(inputs.parameters);
  if (!parameters.success) return unusable("PARAMETERS");
  requireTerms(task, inputs);
  const enclaveKey = enclaveKeyOf(publicKeyOf(key));
  const contents = inputs.datasets.map(({ contentHash }) => contentHash);
  const use = {
    escrow: task.escrow,
    inputHash: task.inputHash,
    program: inputs.program.hash,
    requester: requesterOf(inputs, { ...task, enclaveKey }),
    ...{ contents, output: undefined, seen },
  };
  return { usable: true, inputs, code, parameters: parameters.data, use };
}

/**
 * Refuses a task of a program that whoever runs the enclave does not take.
 *
 * @param taken The hashes of those that are; any where it is undefined.
 * @throws {EnclaveError} PROGRAM_NOT_TAKEN.
 */
export function requireTaken({ inputs: { program } }: UsableInputs, taken: readonly string[] | undefined): void {
  if (taken?.includes(program.hash) !== false) return;
  throw new EnclaveError("PROGRAM_NOT_TAKEN", `The provider takes no tasks of the program ${program.hash}`);
}

/** The bytes of the program that inputs name; undefined where nobody has them. */
function codeOf({ hash, code }: TaskInputs["program"]): Uint8Array | undefined {
  if (code === undefined) return shippedPrograms.find((each) => each.hash === hash)?.code;
  const bytes = bytesOfDigits(code);
  return keccak256(bytes) === hash ? bytes : undefined;
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

/** A dataset, and what its owner lets be done with it. */
export interface OpenedDataset {
  readonly table: Table;
  readonly conditions: DataConditions;
  /** 32 secret bytes that noise is made of; they follow from the data key. */
  readonly secret: Uint8Array;
}

/** A dataset as it was decrypted, still unread. */
interface Decrypted {
  readonly plain: Uint8Array;
  readonly conditions: DataConditions;
  readonly secret: Uint8Array;
}

/** Whether an error follows from what a dataset's hash stands for alone: it is no table, or was never encrypted whole under its key. */
export const isOfContent = (error: unknown): boolean =>
  (error instanceof EnclaveError && error.code === "DATASET_FORMAT") ||
  (error instanceof DataError && error.code === "FILE_BROKEN");

/**
 * Opens one of a task's datasets with the data key that was sealed to this enclave, if its owner's conditions allow the task. Where several
 * files are named for it, the first that does counts: whoever puts a worthless one beside the good one keeps nothing from the enclave, neither the
 * data nor {@link isOfContent | what is wrong with them}.
 *
 * @throws {EnclaveError} MISSING_DATASET, FILE_UNREADABLE, DOCUMENT_FORMAT, DATASET_FORMAT, and what {@link requireAllowed} and
 * {@link requireRows} refuse.
 * @throws {DataError} FILE_BROKEN; and whatever is wrong with the last sealed key or encrypted file that was named.
 */
export function openTaskDataset(
  key: PrivateKey,
  { chainId, grants, nodeId }: TaskTerms,
  files: TaskFiles,
  { dataset, use }: { readonly dataset: DatasetContent; readonly use: JudgedUse },
): OpenedDataset {
  const { datasetId, owner, contentHash } = dataset;
  const name = `Dataset ${datasetId.toString()}`;
  const keyUse = { chainId, grants, datasetId, owner, contentHash, nodeId };
  let fault: unknown = new EnclaveError("MISSING_DATASET", `${name} is not among the files`);
  for (const place of files.datasets.filter((each) => each.datasetId === datasetId)) {
    try {
      const { plain, conditions, secret } = decrypted(key, place, keyUse);
      try {
        requireAllowed(name, conditions, { use, dataset });
        return { table: readTable(plain, name, conditions), conditions, secret };
      } finally {
        plain.fill(0);
      }
    } catch (error) {
      // Every other key opens the same content; but its owner may have delivered the key on other conditions as well.
      if (isOfContent(error)) throw error;
      fault = error;
    }
  }
  throw fault;
}

/**
 * Refuses a dataset of a task for which no sealed key was named that is the one of its encrypted file, or whose owner's conditions do not allow the
 * use. Nothing of the dataset is opened, but where its owner demands more rows than every program: then its rows are counted, because who accepted a
 * task over too few could neither do it nor give it up.
 *
 * @param use Undefined where the inputs are no use.
 * @returns What its owner lets out of a result, where the inputs are of use.
 * @throws {EnclaveError | DataError} As {@link openTaskDataset}, but for what else is only seen in the dataset itself.
 */
export function requireKeyOf(
  key: PrivateKey,
  { chainId, grants, nodeId }: TaskTerms,
  files: TaskFiles,
  { dataset, use }: { readonly dataset: DatasetContent; readonly use: JudgedUse | undefined },
): OutputPolicy | undefined {
  const { datasetId, owner, contentHash } = dataset;
  const name = `Dataset ${datasetId.toString()}`;
  const keyUse = { chainId, grants, datasetId, owner, contentHash, nodeId };
  let fault: unknown = new EnclaveError("MISSING_DATASET", `${name} is not among the files`);
  for (const { file, sealedKey } of files.datasets.filter((each) => each.datasetId === datasetId)) {
    try {
      const { dataKey, conditions } = openDataKey(key, readSealedKey(sealedKey), keyUse);
      try {
        const encrypted = readLimited(file, MAX_FILE_SIZE);
        requireDataKey(encrypted, dataKey, contentHash);
        if (use === undefined) return undefined;
        requireAllowed(name, conditions, { use, dataset });
        if (conditions.output.minRows > FEWEST_ROWS)
          requireCounted(name, conditions, () => decryptDataset(encrypted, dataKey, contentHash));
        return conditions.output;
      } finally {
        dataKey.fill(0);
      }
    } catch (error) {
      fault = error;
    }
  }
  throw fault;
}

/** Refuses a dataset of fewer rows than its owner demands. What is no table has none to count: that is said when the task was accepted. */
function requireCounted(name: string, conditions: DataConditions, decrypt: () => Uint8Array): void {
  let plain: Uint8Array | undefined;
  try {
    plain = decrypt();
    wipeTable(readTable(plain, name, conditions));
  } catch (error) {
    if (error instanceof EnclaveError && error.code === "TOO_FEW_ROWS") throw error;
  } finally {
    plain?.fill(0);
  }
}

function readTable(plain: Uint8Array, name: string, conditions: DataConditions): Table {
  const table = parseTable(plain, name);
  try {
    requireRows(name, conditions, table.rows);
    return table;
  } catch (error) {
    wipeTable(table);
    throw error;
  }
}

/** A dataset by one of the sealed keys that were named for it. */
function decrypted(
  key: PrivateKey,
  { file, sealedKey }: TaskFiles["datasets"][number],
  use: Omit<DataKeyUse, "enclaveKey">,
): Decrypted {
  const { dataKey, conditions } = openDataKey(key, readSealedKey(sealedKey), use);
  try {
    const plain = decryptDataset(readLimited(file, MAX_FILE_SIZE), dataKey, use.contentHash);
    const secret = new Uint8Array(hkdfSync("sha256", dataKey, "", "ComputingPower.NoiseKey/1", 32));
    return { plain, conditions, secret };
  } finally {
    dataKey.fill(0);
  }
}
