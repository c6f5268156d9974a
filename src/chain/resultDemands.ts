import { readEvents } from "./history.ts";
import type { History } from "./logScan.ts";
import type { Protocol } from "../protocol.ts";

/** A demand to see a chunk of a task's result that nobody has answered. */
export interface OpenDemand {
  readonly chunk: bigint;
  readonly demander: string;
  /** Unix seconds of the last second in which the chunk can be shown. */
  readonly answerBy: bigint;
}

/** All demands on a task that nobody has answered, oldest first, those too that can no longer be answered and that nobody has closed. */
export async function openDemands(
  { resultDemands }: Pick<Protocol, "resultDemands">,
  history: History,
  taskId: bigint,
): Promise<OpenDemand[]> {
  const events = await readEvents(history, resultDemands, resultDemands.filters.ChunkDemanded(taskId));
  const chunks = [...new Set(events.map(({ args }) => args.chunk))];
  const found = await Promise.all(
    chunks.map(async (chunk): Promise<OpenDemand[]> => {
      const { demander, answerBy } = await resultDemands.getDemand(taskId, chunk);
      return answerBy === 0n ? [] : [{ chunk, demander, answerBy }];
    }),
  );
  return found.flat();
}
