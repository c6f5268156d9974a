import { setTimeout as pause } from "node:timers/promises";

import { transferReader, type DatasetFacts, type TaskFacts, type TransferReader } from "./rights.ts";
import type { Protocol } from "../../protocol.ts";
import { StrangerReads } from "../chain/strangerReads.ts";
import { remembered } from "../../service/remembered.ts";

/** Milliseconds for which what was read is told again. */
const LIFE = 1_000;

/** For whom datasets and tasks are read. */
export interface GuardedTransferOptions {
  readonly node: number;
  /** Takes a read out of the budget of strangers; throws a Problem where it is used up. */
  readonly spend: () => void;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Whether a number is taken: all are up to the newest. */
async function isTaken(id: number, count: () => Promise<bigint>): Promise<boolean> {
  if (BigInt(id) <= (await count())) return true;
  // The newest may have come since they were counted.
  await pause(LIFE);
  return BigInt(id) <= (await count());
}

/** As {@link transferReader}, for anybody: what is told is up to a second old, and what is not of this node comes out of a budget. */
export function guardedTransferReader(
  protocol: Pick<Protocol, "dataGrants" | "taskEscrow" | "validatorSet" | "nodeRegistry">,
  { node, spend, now }: GuardedTransferOptions,
): TransferReader {
  const reader = transferReader(protocol, node);
  const shared = { spend, now, life: LIFE };
  const datasets = new StrangerReads<DatasetFacts>({ ...shared, isOwn: ({ isGranted }) => isGranted });
  const tasks = new StrangerReads<TaskFacts>({ ...shared, isOwn: (task) => task.node === node });
  const validators = new StrangerReads<boolean>({ ...shared, isOwn: (isValidator) => isValidator });
  const datasetCount = remembered(async () => protocol.dataGrants.datasetCount(), LIFE, now);
  const taskCount = remembered(async () => protocol.taskEscrow.taskCount(), LIFE, now);
  return {
    dataset: async (id) => {
      const key = String(id);
      if (!datasets.isOwn(key) && !(await isTaken(id, datasetCount))) return undefined;
      return datasets.of(key, async () => reader.dataset(id));
    },
    task: async (id) => {
      const key = String(id);
      if (!tasks.isOwn(key) && !(await isTaken(id, taskCount))) return undefined;
      return tasks.of(key, async () => reader.task(id));
    },
    isValidator: async (account) => validators.of(account, async () => reader.isValidator(account)),
    // It is asked of validators alone, of whom there are few.
    signingKeyOf: async (validator) => reader.signingKeyOf(validator),
    provider: remembered(async () => reader.provider(), LIFE, now),
  };
}
