import type { PlatformContext } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import { chosen, idsBetween, readAll } from "../support/list.ts";

/** A node, and what there is of it. */
export interface NodeAmount {
  readonly id: bigint;
  /** Token base units. */
  readonly amount: bigint;
}

/** What there is of nodes together, in token base units. */
export function sumOf(nodes: readonly NodeAmount[]): bigint {
  return nodes.reduce((sum, { amount }) => sum + amount, 0n);
}

/** What there is of the nodes that were named, else of all those of the account that have something. */
export async function amountsOfNodes(
  { protocol: { nodeRegistry }, options }: PlatformContext,
  account: string,
  named: string | undefined,
  amountOf: (nodeId: bigint) => Promise<bigint>,
): Promise<NodeAmount[]> {
  const read = async (id: bigint): Promise<NodeAmount> => ({ id, amount: await amountOf(id) });
  if (named !== undefined) return Promise.all(named.split(",").map((text) => read(parseId(text.trim(), "node"))));
  const all = idsBetween(1n, await nodeRegistry.nodeCount());
  const own = await chosen(all, "nodes", options, async (id) => (await nodeRegistry.providerOf(id)) === account);
  const nodes = await readAll(own, "nodes of yours", options, read);
  return nodes.filter(({ amount }) => amount !== 0n);
}
