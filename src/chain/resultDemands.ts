import { eventsDown, readEvents } from "./history.ts";
import type { History } from "./logScan.ts";
import type { Protocol } from "../protocol.ts";

/** A demand to see a chunk of a task's result. */
export interface ResultDemand {
  readonly chunk: bigint;
  readonly demander: string;
  /** Unix seconds of the last second in which the chunk can be shown. */
  readonly answerBy: bigint;
  /** Whether nobody has answered it, nor closed it. */
  readonly isOpen: boolean;
}

type Demands = Pick<Protocol, "resultDemands">;
/** At which block demands are open; the newest by default. */
interface At {
  readonly blockTag?: number;
}

/** All demands that were ever made on a task, oldest first. */
export async function demandsOn(
  { resultDemands }: Demands,
  history: History,
  taskId: bigint,
  at: At = {},
): Promise<ResultDemand[]> {
  const made = await readEvents(history, resultDemands, resultDemands.filters.ChunkDemanded(taskId));
  return Promise.all(made.map(async ({ args }) => asOf({ resultDemands }, taskId, args, at)));
}

/**
 * All demands on a task that nobody has answered, oldest first, those too that can no longer be answered and that nobody has closed. No older
 * block is looked at than the oldest of them is in, and none where there are none: a task may be months old, and whoever looks again and again
 * has little time for it.
 */
export async function openDemands(
  { resultDemands }: Demands,
  history: History,
  taskId: bigint,
  at: At = {},
): Promise<ResultDemand[]> {
  const { open } = await resultDemands.standingOf(taskId, at);
  const found: ResultDemand[] = [];
  if (open === 0n) return found;
  for await (const made of eventsDown(history, resultDemands, resultDemands.filters.ChunkDemanded(taskId))) {
    const kept = await Promise.all(made.map(async ({ args }) => asOf({ resultDemands }, taskId, args, at)));
    found.push(...kept.filter(({ isOpen }) => isOpen));
    if (BigInt(found.length) >= open) break;
  }
  return found.reverse();
}

/** A demand that was made, as it stands at a block. */
async function asOf(
  { resultDemands }: Demands,
  taskId: bigint,
  { chunk, demander, answerBy }: Omit<ResultDemand, "isOpen">,
  at: At,
): Promise<ResultDemand> {
  const kept = await resultDemands.getDemand(taskId, chunk, at);
  return { chunk, demander, answerBy, isOpen: kept.answerBy === answerBy };
}
