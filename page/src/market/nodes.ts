import { viewNode, type NodeView } from "../../../src/facts/node.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { chainNow } from "../chain/network.ts";

/** So many nodes are read together, which is about what one request takes; and so many of these requests are under way at once. */
const TOGETHER = 40;
const AT_ONCE = 4;

/**
 * Reads all nodes, and tells of them as they come, so that a large market is of use before all of it is read.
 *
 * @param tell Takes those that are known so far, and how many there are.
 */
export async function readNodes(
  chain: ChainContext,
  tell: (nodes: readonly NodeView[], of: number) => void,
  isWanted: () => boolean,
): Promise<readonly NodeView[]> {
  const count = Number(await chain.protocol.nodeRegistry.nodeCount());
  const portions: NodeView[][] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at * TOGETHER < count && isWanted(); at = next++) {
      const from = at * TOGETHER + 1;
      const ids = Array.from({ length: Math.min(TOGETHER, count + 1 - from) }, (_, i) => BigInt(from + i));
      portions[at] = await Promise.all(ids.map(async (id) => viewNode(chain, id, chainNow())));
      tell(portions.flat(), count);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return portions.flat();
}
