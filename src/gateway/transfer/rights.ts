import { readTask } from "../../chain/taskTerms.ts";
import { enumName } from "../../enums.ts";
import type { Protocol } from "../../protocol.ts";
import { Problem } from "../problems/problem.ts";

/** A dataset as the chain has it, seen from one node. */
export interface DatasetFacts {
  readonly owner: string;
  /** keccak256 of the encrypted file, 32 bytes in lower-case hex. */
  readonly contentHash: string;
  readonly isGranted: boolean;
  /** The address of the node's enclave key. */
  readonly enclaveKey: string;
}

/** A task as the chain has it. */
export interface TaskFacts {
  readonly requester: string;
  readonly node: number;
  readonly status: string;
  /** keccak256 of the sealed inputs, and the hash of the sealed result (`resultHashOf`): 32 bytes in lower-case hex each. */
  readonly inputHash: string;
  readonly resultHash: string;
  /** What is signed about the task names it by this; see `fixedTermsHash`. */
  readonly termsHash: string;
  /** Which vouching the result rests on, and until when verdicts count, in Unix seconds. */
  readonly vouchedAttestation: number;
  readonly verdictBy: number;
}

/** Reads from the chain who has a part in datasets and tasks; throws a Problem `rate-limited` where strangers ask too much. */
export interface TransferReader {
  /** Undefined for one that does not exist. */
  dataset(datasetId: number): Promise<DatasetFacts | undefined>;
  task(taskId: number): Promise<TaskFacts | undefined>;
  isValidator(account: string): Promise<boolean>;
  /** The key that a validator signs by: its account's, or one that it chose. */
  signingKeyOf(validator: string): Promise<string>;
  provider(): Promise<string>;
}

/** Reads one node's datasets and tasks, of numbers that are taken. */
export function transferReader(
  protocol: Pick<Protocol, "dataGrants" | "taskEscrow" | "validatorSet" | "nodeRegistry">,
  nodeId: number,
): {
  readonly dataset: (datasetId: number) => Promise<DatasetFacts>;
  readonly task: (taskId: number) => Promise<TaskFacts>;
  readonly isValidator: (account: string) => Promise<boolean>;
  readonly signingKeyOf: (validator: string) => Promise<string>;
  readonly provider: () => Promise<string>;
} {
  const { dataGrants, validatorSet, nodeRegistry } = protocol;
  return {
    dataset: async (datasetId) => {
      const [{ owner, contentHash }, isGranted, { enclaveKey }] = await Promise.all([
        dataGrants.getDataset(datasetId),
        dataGrants.isGranted(datasetId, nodeId),
        nodeRegistry.getNode(nodeId),
      ]);
      return { owner, contentHash: contentHash.toLowerCase(), isGranted, enclaveKey };
    },
    task: async (taskId) => {
      const { task, inputHash } = await readTask(protocol, taskId);
      return {
        requester: task.requester,
        node: Number(task.nodeId),
        status: enumName("TaskStatus", task.status),
        inputHash,
        resultHash: task.resultHash.toLowerCase(),
        termsHash: task.fixedTermsHash,
        vouchedAttestation: Number(task.vouchedAttestation),
        verdictBy: Number(task.verdictBy),
      };
    },
    isValidator: async (account) => validatorSet.isActive(account),
    signingKeyOf: async (validator) => validatorSet.signingKeyOf(validator),
    provider: async () => nodeRegistry.providerOf(nodeId),
  };
}

/**
 * The dataset that an account may send to the node: its own, while the node has a grant.
 *
 * @throws {Problem} `not-found`, `not-yours`, `not-granted`.
 */
export async function requireOwnGrant(
  reader: TransferReader,
  datasetId: number,
  account: string,
): Promise<DatasetFacts> {
  const dataset = await reader.dataset(datasetId);
  if (dataset === undefined) throw new Problem("not-found", `There is no dataset ${String(datasetId)}`);
  if (dataset.owner !== account)
    throw new Problem("not-yours", `Dataset ${String(datasetId)} belongs to ${dataset.owner}, not to ${account}`);
  if (dataset.isGranted) return dataset;
  throw new Problem("not-granted", `Dataset ${String(datasetId)} is not granted to this node`);
}

/**
 * A task of this node.
 *
 * @throws {Problem} `not-found`.
 */
export async function requireTask(reader: TransferReader, taskId: number, node: number): Promise<TaskFacts> {
  const task = await reader.task(taskId);
  if (task?.node === node) return task;
  throw new Problem("not-found", `There is no task ${String(taskId)} of this node`);
}

async function hasPart(reader: TransferReader, { requester }: TaskFacts, account: string): Promise<boolean> {
  return account === requester || account === (await reader.provider()) || (await reader.isValidator(account));
}

/**
 * Refuses whoever has no part in a task: only its requester, the provider and active validators have.
 *
 * @throws {Problem} `not-yours`.
 */
export async function requirePart(reader: TransferReader, task: TaskFacts, account: string): Promise<void> {
  if (await hasPart(reader, task, account)) return;
  throw new Problem("not-yours", `${account} is neither the requester nor the provider nor an active validator`);
}

/** Whether the chain names an account in what a request is about: a dataset's owner, or who has a part in a task. */
export async function isNamed(reader: TransferReader, resource: string, account: string): Promise<boolean> {
  const [kind, id] = resource.split("/");
  if (kind === "datasets") return (await reader.dataset(Number(id)))?.owner === account;
  const task = await reader.task(Number(id));
  return task !== undefined && hasPart(reader, task, account);
}
