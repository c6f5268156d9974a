import { viewNode, type NodeView } from "../../../src/facts/node.ts";
import type { ChainContext } from "../chain/chainContext.ts";

/**
 * So many nodes are read first, and nothing beside them: to ask for a node costs this machine time, and what is asked for together is sent only
 * when all of it is written.
 */
const FIRST = 12;
/** So many nodes are read together, which is about what one request takes; and so many of these requests are under way at once. */
const TOGETHER = 40;
const AT_ONCE = 4;

/** What is done with nodes as they come. */
export interface NodeReading {
  /** The chain's time, in Unix seconds. */
  readonly now: () => bigint;
  /** Takes those that are known so far, and how many there are. */
  readonly tell: (nodes: readonly NodeView[], of: number) => void;
  /** Whether somebody still wants more. */
  readonly isWanted: () => boolean;
}

/** Reads all nodes, and tells of them as they come, so that a large market is of use before all of it is read. */
export async function readNodes(
  chain: Pick<ChainContext, "protocol">,
  { now, tell, isWanted }: NodeReading,
): Promise<readonly NodeView[]> {
  const count = Number(await chain.protocol.nodeRegistry.nodeCount());
  const portions: NodeView[][] = [];
  let next = 0;
  /** Reads one portion. @returns Whether there was one. */
  const step = async (): Promise<boolean> => {
    const at = next++;
    const [from, size] = at === 0 ? [1, FIRST] : [1 + FIRST + (at - 1) * TOGETHER, TOGETHER];
    if (from > count || !isWanted()) return false;
    const ids = Array.from({ length: Math.min(size, count + 1 - from) }, (_, i) => BigInt(from + i));
    portions[at] = await Promise.all(ids.map(async (id) => viewNode(chain, id, now())));
    tell(portions.flat(), count);
    return true;
  };
  const work = async (): Promise<void> => {
    while (await step());
  };
  await step();
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return portions.flat();
}
