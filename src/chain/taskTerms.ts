import type { BigNumberish } from "ethers";

import { eventsIn } from "./history.ts";
import { InputError } from "../inputError.ts";
import type { Protocol } from "../protocol.ts";
import { fixedTermsHash, taskDealHash, type TaskIdentity, type UsedDataset } from "../terms.ts";

/** A task as `TaskEscrow.getTask` gives it, as far as its inputs are found by it. */
export interface StoredTask extends TaskIdentity {
  /** Number of the block that published it. */
  readonly publishedIn: bigint;
  readonly fixedTermsHash: string;
}

/** At which block views are read; by default the newest. */
interface At {
  readonly blockTag?: number;
}

/** So many hashes of inputs are remembered. */
const MOST_KNOWN = 1_000;
/** Hashes of inputs by those of the fixed terms that have them in them, wherever they were read. */
const known = new Map<string, string>();

/** A task's datasets with what names them beside their numbers, as the chain has them. */
export async function usedDatasets(
  { dataGrants }: Pick<Protocol, "dataGrants">,
  uses: readonly { readonly datasetId: bigint; readonly price: bigint }[],
  at: At = {},
): Promise<(UsedDataset & { readonly datasetId: bigint; readonly price: bigint })[]> {
  return Promise.all(
    uses.map(async ({ datasetId, price }) => {
      const { owner, contentHash } = await dataGrants.getDataset(datasetId, at);
      return { datasetId, price, owner, contentHash };
    }),
  );
}

/**
 * What names a task: the hash of its deal and that of its sealed inputs, both 32 bytes in lower-case hex. The state has the inputs' only within
 * the hash of the fixed terms, so it is read from the log of the block that published the task, and compared with that.
 *
 * @param datasets As {@link usedDatasets} gives them.
 * @throws {InputError} When the network has no log that fits the task's terms.
 */
export async function taskHashes(
  { taskEscrow }: Pick<Protocol, "taskEscrow">,
  taskId: BigNumberish,
  task: StoredTask,
  datasets: readonly UsedDataset[],
): Promise<{ readonly dealHash: string; readonly inputHash: string }> {
  const dealHash = taskDealHash(task, datasets.length);
  const [expected, publishedIn] = [task.fixedTermsHash, Number(task.publishedIn)];
  const fits = (inputHash: string): boolean => fixedTermsHash({ dealHash, inputHash, datasets }) === expected;
  const remembered = known.get(expected);
  if (remembered !== undefined && fits(remembered)) return { dealHash, inputHash: remembered };
  const logs = await eventsIn(publishedIn, taskEscrow, taskEscrow.filters.TaskPublished(taskId));
  const inputHash = logs.map(({ args }) => args.inputHash.toLowerCase()).find(fits);
  if (inputHash === undefined) {
    const problem = `The network has no log of block ${String(publishedIn)} that fits the terms of task ${taskId.toString()}`;
    throw new InputError(problem, "Ask an endpoint that is in sync and keeps its logs.");
  }
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(expected, inputHash);
  return { dealHash, inputHash };
}

/**
 * A task with its datasets and what names it.
 *
 * @throws {InputError} See {@link taskHashes}.
 */
export async function readTask(
  protocol: Pick<Protocol, "taskEscrow" | "dataGrants">,
  taskId: BigNumberish,
  at: At = {},
) {
  const { taskEscrow } = protocol;
  const [task, uses] = await Promise.all([taskEscrow.getTask(taskId, at), taskEscrow.datasetsOf(taskId, at)]);
  const datasets = await usedDatasets(protocol, uses, at);
  return { task, datasets, ...(await taskHashes(protocol, taskId, task, datasets)) };
}
