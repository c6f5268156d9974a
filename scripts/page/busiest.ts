import { JsonRpcProvider } from "ethers";

import { readEvents } from "../../src/chain/history.ts";
import type { AddressBook } from "../../src/deployments.ts";
import { enumName } from "../../src/enums.ts";
import { connectProtocol } from "../../src/protocol.ts";

/** The size of a market, and the places of the page that have most to show of it. */
export interface Busiest {
  readonly nodes: number;
  readonly orders: number;
  /** The node with most orders, such as `node/7`; and the newest of them that streams, if one does. */
  readonly node: string;
  readonly order: string;
}

/** Finds out what a chain's market has. */
export async function busiestOf(rpc: string, book: AddressBook): Promise<Busiest> {
  const provider = new JsonRpcProvider(rpc, book.chainId, { staticNetwork: true });
  try {
    const { nodeRegistry, orderEscrow } = connectProtocol(book, provider);
    const opened = await readEvents({ fromBlock: book.fromBlock }, orderEscrow, orderEscrow.filters.OrderOpened());
    const ordersOf = new Map<bigint, bigint[]>();
    for (const { args } of opened) ordersOf.set(args.nodeId, [...(ordersOf.get(args.nodeId) ?? []), args.orderId]);
    const [busiest] = [...ordersOf].sort(([, some], [, more]) => more.length - some.length);
    const [nodeId, orders] = busiest ?? [1n, [1n]];
    const states = await Promise.all(orders.map(async (orderId) => orderEscrow.statusOf(orderId)));
    const isStreaming = (place: number): boolean => enumName("OrderStatus", states[place]?.status ?? 0n) === "Active";
    return {
      nodes: Number(await nodeRegistry.nodeCount()),
      orders: Number(await orderEscrow.orderCount()),
      node: `node/${String(nodeId)}`,
      order: `order/${String(orders.findLast((_, place) => isStreaming(place)) ?? orders.at(-1))}`,
    };
  } finally {
    provider.destroy();
  }
}
