import { readEvents } from "./history.ts";
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

/**
 * All demands that were ever made on a task, oldest first.
 *
 * @param at At which block they are open; the newest by default.
 */
export async function demandsOn(
  { resultDemands }: Pick<Protocol, "resultDemands">,
  history: History,
  taskId: bigint,
  at: { readonly blockTag?: number } = {},
): Promise<ResultDemand[]> {
  const events = await readEvents(history, resultDemands, resultDemands.filters.ChunkDemanded(taskId));
  return Promise.all(
    events.map(async ({ args: { chunk, demander, answerBy } }) => {
      const kept = await resultDemands.getDemand(taskId, chunk, at);
      return { chunk, demander, answerBy, isOpen: kept.answerBy === answerBy };
    }),
  );
}

/** All demands on a task that nobody has answered, oldest first, those too that can no longer be answered and that nobody has closed. */
export async function openDemands(...asked: Parameters<typeof demandsOn>): Promise<ResultDemand[]> {
  return (await demandsOn(...asked)).filter(({ isOpen }) => isOpen);
}
