import { readEvents } from "../../../src/chain/history.ts";
import { enumName } from "../../../src/enums.ts";
import { nodesGranted, viewDataset, viewGrant, type DatasetView } from "../../../src/facts/dataset.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { chainNow } from "../chain/network.ts";

/** A dataset, and how often it was paid for. */
export interface DatasetRow extends DatasetView {
  /** Uses by tasks that were accepted: each is paid. */
  readonly uses: number;
}

/** So many datasets are read together: about what one request takes. */
const TOGETHER = 100;

/** How often each dataset was used by tasks that were accepted. */
async function readUses({ protocol: { taskEscrow }, history }: ChainContext): Promise<ReadonlyMap<bigint, number>> {
  const accepted = await readEvents(history, taskEscrow, taskEscrow.filters.TaskAccepted());
  const used = await Promise.all(accepted.map(async ({ args }) => taskEscrow.datasetsOf(args.taskId)));
  const uses = new Map<bigint, number>();
  for (const { datasetId } of used.flat()) uses.set(datasetId, (uses.get(datasetId) ?? 0) + 1);
  return uses;
}

/** Reads all datasets. */
export async function readDatasets(chain: ChainContext): Promise<readonly DatasetRow[]> {
  const [count, uses] = await Promise.all([chain.protocol.dataGrants.datasetCount(), readUses(chain)]);
  const datasets: DatasetView[] = [];
  for (let from = 1; from <= count; from += TOGETHER) {
    const ids = Array.from({ length: Math.min(TOGETHER, Number(count) + 1 - from) }, (_, i) => BigInt(from + i));
    datasets.push(...(await Promise.all(ids.map(async (id) => viewDataset(chain, id)))));
  }
  return datasets.map((dataset) => ({ ...dataset, uses: uses.get(dataset.datasetId) ?? 0 }));
}

/** Reads a dataset with all nodes that it was ever granted to, and whether each may use it now. */
export async function readDataset(chain: ChainContext, datasetId: bigint) {
  const now = chainNow();
  const [dataset, nodes] = await Promise.all([viewDataset(chain, datasetId), nodesGranted(chain, datasetId)]);
  const grants = await Promise.all(
    nodes.map(async (nodeId) => viewGrant(chain, { datasetId, nodeId }, now, (command) => command)),
  );
  return { dataset, grants };
}

/** A use of a dataset by a task that was accepted. */
export interface DatasetUse {
  readonly taskId: bigint;
  readonly nodeId: bigint;
  readonly status: string;
  /** Token base units. */
  readonly price: bigint;
}

/** Reads which tasks have used a dataset, the newest first. */
export async function readUsesOf(chain: ChainContext, datasetId: bigint): Promise<readonly DatasetUse[]> {
  const { taskEscrow } = chain.protocol;
  const accepted = await readEvents(chain.history, taskEscrow, taskEscrow.filters.TaskAccepted());
  const uses = await Promise.all(
    accepted.map(async ({ args: { taskId } }) => {
      const used = (await taskEscrow.datasetsOf(taskId)).find((each) => each.datasetId === datasetId);
      if (used === undefined) return undefined;
      const { nodeId, status } = await taskEscrow.getTask(taskId);
      return { taskId, nodeId, status: enumName("TaskStatus", status), price: used.price };
    }),
  );
  return uses.filter((use) => use !== undefined).reverse();
}
