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

/** What on the chain a file is about. */
export type Subject =
  | { readonly kind: "task"; readonly id: number; /** How the hash of its inputs begins. */ readonly inputs: string }
  | { readonly kind: "dataset"; readonly id: number }
  /** A dataset's content, which several datasets may have. */
  | { readonly kind: "content" };

/** What a file is about, by its name; undefined for what is nobody's but the gateway's. */
export function subjectOf(name: string): Subject | undefined {
  const [, task, inputs] = /^task-(\d{1,15})-([0-9a-f]{16})\./.exec(name) ?? [];
  if (task !== undefined && inputs !== undefined) return { kind: "task", id: Number(task), inputs };
  const [, dataset] = /^dataset-(\d{1,15})-[0-9a-f]{40}\.sealed\.json$/.exec(name) ?? [];
  if (dataset !== undefined) return { kind: "dataset", id: Number(dataset) };
  return /^dataset-[0-9a-f]{64}\.enc$/.test(name) ? { kind: "content" } : undefined;
}

/** Whether a file of this name is a task's sealed result. */
export const isResult = (name: string): boolean => /^task-\d+-[0-9a-f]{16}\.result\.sealed$/.test(name);

/** The name of the enclave's statement on a result. */
export const statementOf = (result: string): string => result.replace(/\.result\.sealed$/, ".statement.json");

/** Whether a file of this name comes from outside, rather than from the enclave or the gateway. */
export const isSent = (name: string): boolean => /\.(enc|sealed\.json|inputs\.sealed)$/.test(name);

/** What files are sent for, as addresses of the API and names of senders have it. */
export type SentFor = "datasets" | "tasks";

/** Names whose upload of a file it is: everybody who may send it has one of their own, which nobody else's keeps from going on. */
export const senderName = (kind: SentFor, id: number, account: string): string =>
  `${kind}-${String(id)}-${account.toLowerCase()}`;

/** The dataset that a sender's file was sent for; undefined for a task, and for a name that is no sender's. */
export function datasetOf(sender: string): number | undefined {
  const [, id] = /^datasets-(\d{1,15})-0x[0-9a-f]{40}$/.exec(sender) ?? [];
  return id === undefined ? undefined : Number(id);
}

/** A file that is not whole yet, as one sender sends it. */
export const partName = (name: string, sender: string): string => `${name}.${sender}.part`;

/** Which file a part is of, and whose it is; undefined for what is no part. Names of senders have no dots. */
export function partOf(file: string): { readonly name: string; readonly sender: string } | undefined {
  const [, name, sender] = /^(.+)\.([^.]+)\.part$/.exec(file) ?? [];
  return name === undefined || sender === undefined ? undefined : { name, sender };
}
