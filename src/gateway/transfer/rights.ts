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
  /** keccak256 of the sealed inputs and of the sealed result, 32 bytes in lower-case hex. */
  readonly inputHash: string;
  readonly resultHash: string;
  /** Which vouching the result rests on, and until when verdicts count, in Unix seconds. */
  readonly vouchedAttestation: number;
  readonly verdictBy: number;
}

/** Reads from the chain who has a part in datasets and tasks. */
export interface TransferReader {
  /** Undefined for one that does not exist. */
  dataset(datasetId: number): Promise<DatasetFacts | undefined>;
  task(taskId: number): Promise<TaskFacts | undefined>;
  isValidator(account: string): Promise<boolean>;
  provider(): Promise<string>;
}

/** Reads of one node's datasets and tasks. */
export function transferReader(protocol: Protocol, nodeId: number): TransferReader {
  const { dataGrants, taskEscrow, validatorSet, nodeRegistry } = protocol;
  return {
    dataset: async (datasetId) => {
      if (BigInt(datasetId) > (await dataGrants.datasetCount())) return undefined;
      const [{ owner, contentHash }, isGranted, { enclaveKey }] = await Promise.all([
        dataGrants.getDataset(datasetId),
        dataGrants.isGranted(datasetId, nodeId),
        nodeRegistry.getNode(nodeId),
      ]);
      return { owner, contentHash: contentHash.toLowerCase(), isGranted, enclaveKey };
    },
    task: async (taskId) => {
      if (BigInt(taskId) > (await taskEscrow.taskCount())) return undefined;
      const task = await taskEscrow.getTask(taskId);
      return {
        requester: task.requester,
        node: Number(task.nodeId),
        status: enumName("TaskStatus", task.status),
        inputHash: task.inputHash.toLowerCase(),
        resultHash: task.resultHash.toLowerCase(),
        vouchedAttestation: Number(task.vouchedAttestation),
        verdictBy: Number(task.verdictBy),
      };
    },
    isValidator: async (account) => validatorSet.isActive(account),
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

/**
 * Refuses whoever has no part in a task: only its requester, the provider and active validators have.
 *
 * @throws {Problem} `not-yours`.
 */
export async function requirePart(reader: TransferReader, task: TaskFacts, account: string): Promise<void> {
  if (account === task.requester) return;
  const [provider, isValidator] = await Promise.all([reader.provider(), reader.isValidator(account)]);
  if (account === provider || isValidator) return;
  throw new Problem("not-yours", `${account} is neither the requester nor the provider nor an active validator`);
}
