import { readTask } from "../../chain/taskTerms.ts";
import { enumName } from "../../enums.ts";
import type { Protocol } from "../../protocol.ts";

/** Says what on the chain still needs files. */
export interface NeedReader {
  /** Whether a dataset is granted to the node, now or later. */
  needsDataset(id: number): Promise<boolean>;
  /**
   * Whether a task of the node is not over, or its verdicts can still be disputed.
   *
   * @param inputs How the hash of its inputs begins, without 0x: after a reorganisation another task may have its number.
   */
  needsTask(id: number, inputs: string): Promise<boolean>;
}

/** Tasks that last until somebody ends them. */
const UNDER_WAY: ReadonlySet<string> = new Set(["Accepted", "Submitted"]);

/**
 * What a node's datasets and tasks need.
 *
 * @param now Unix milliseconds.
 */
export function needReader(protocol: Protocol, nodeId: number, now: () => number): NeedReader {
  const { dataGrants, taskEscrow } = protocol;
  const seconds = (): bigint => BigInt(Math.floor(now() / 1000));
  return {
    needsDataset: async (id) => {
      if (BigInt(id) > (await dataGrants.datasetCount())) return false;
      return (await dataGrants.getGrant(id, nodeId)).until > seconds();
    },
    needsTask: async (id, inputs) => {
      if (BigInt(id) > (await taskEscrow.taskCount())) return false;
      const task = await taskEscrow.getTask(id);
      if (task.nodeId !== BigInt(nodeId)) return false;
      if (!UNDER_WAY.has(enumName("TaskStatus", task.status)) && task.verdictBy < seconds()) return false;
      return (await readTask(protocol, id)).inputHash.startsWith(`0x${inputs}`);
    },
  };
}
