import type { PlatformContext } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import { readLatest } from "../support/list.ts";

/** A node, and what there is of it. */
interface NodeAmount {
  readonly id: bigint;
  /** Token base units. */
  readonly amount: bigint;
}

/** What there is of the nodes that were named, else of those of the account that have something. */
export async function amountsOfNodes(
  { protocol }: PlatformContext,
  account: string,
  named: string | undefined,
  amountOf: (nodeId: bigint) => Promise<bigint>,
): Promise<NodeAmount[]> {
  const { nodeRegistry } = protocol;
  const read = async (id: bigint): Promise<NodeAmount> => ({ id, amount: await amountOf(id) });
  if (named !== undefined) return Promise.all(named.split(",").map((text) => read(parseId(text.trim(), "node"))));
  const nodes = await readLatest(await nodeRegistry.nodeCount(), async (id) => {
    const { provider } = await nodeRegistry.getNode(id);
    return provider === account ? read(id) : { id, amount: 0n };
  });
  return nodes.filter(({ amount }) => amount !== 0n);
}
