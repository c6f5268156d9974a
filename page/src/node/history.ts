import { readEvents, type PastEvent } from "../../../src/chain/history.ts";
import { enumName } from "../../../src/enums.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { spaced, writeTime } from "../parts/format.ts";

/** Something that happened to a node. */
export interface Happening {
  readonly block: number;
  readonly transactionHash: string;
  readonly what: string;
}

type Read = (chain: ChainContext, nodeId: bigint) => Promise<readonly Happening[]>;

function told<Args>(
  events: readonly { readonly args: Args; readonly blockNumber: number; readonly transactionHash: string }[],
  tell: (args: Args) => string,
): Happening[] {
  return events.map(({ args, blockNumber, transactionHash }) => ({
    block: blockNumber,
    transactionHash,
    what: tell(args),
  }));
}

const readers: readonly Read[] = [
  async ({ history, protocol: { nodeRegistry: registry } }, nodeId) =>
    told(await readEvents(history, registry, registry.filters.NodeDeclared(nodeId)), () => "Declared"),
  async ({ history, protocol: { nodeRegistry: registry } }, nodeId) =>
    told(await readEvents(history, registry, registry.filters.NodeAttested(nodeId)), ({ validUntil, tcbStatus }) => {
      return `Attested, ${spaced(enumName("TcbStatus", tcbStatus))}, until ${writeTime(validUntil).text}`;
    }),
  async ({ history, protocol: { nodeRegistry: registry } }, nodeId) =>
    told(await readEvents(history, registry, registry.filters.NodeRechecked(nodeId)), ({ standing }) => {
      return `Checked again: ${spaced(enumName("Standing", standing))}`;
    }),
  async ({ history, protocol: { nodeRegistry: registry } }, nodeId) =>
    told(await readEvents(history, registry, registry.filters.NodeSuspended(nodeId)), () => "Suspended"),
  async ({ history, protocol: { nodeRegistry: registry } }, nodeId) =>
    told(await readEvents(history, registry, registry.filters.SuspensionLifted(nodeId)), () => "Suspension lifted"),
  async ({ history, protocol: { nodeRegistry: registry } }, nodeId) =>
    told(await readEvents(history, registry, registry.filters.NodeEnded(nodeId)), ({ reason, endsAt }) => {
      return `End set to ${writeTime(endsAt).text}: ${spaced(enumName("EndReason", reason))}`;
    }),
  async ({ history, protocol: { nodeRegistry: registry } }, nodeId) =>
    told(await readEvents(history, registry, registry.filters.RateSet(nodeId)), () => "Price changed"),
  async ({ history, protocol: { nodeRegistry: registry } }, nodeId) =>
    told(await readEvents(history, registry, registry.filters.UrlSet(nodeId)), () => "Gateway's URL changed"),
  async ({ history, protocol: { nodeRegistry: registry } }, nodeId) =>
    told(await readEvents(history, registry, registry.filters.NodeStakeSlashed(nodeId)), () => "Stake slashed"),
];

/** Reads what happened to a node, the newest first. */
export async function readHappenings(chain: ChainContext, nodeId: bigint): Promise<readonly Happening[]> {
  const all = await Promise.all(readers.map(async (read) => read(chain, nodeId)));
  return all.flat().sort((a, b) => b.block - a.block);
}

/** An order of a node, as its event has it. */
export interface NodeOrder {
  readonly orderId: bigint;
  readonly user: string;
  readonly deposit: bigint;
  readonly block: number;
}

const orderOf = ({
  args: { orderId, user, deposit },
  blockNumber,
}: Pick<PastEvent<never>, "blockNumber"> & {
  readonly args: { readonly orderId: bigint; readonly user: string; readonly deposit: bigint };
}): NodeOrder => ({ orderId, user, deposit, block: blockNumber });

/** Reads a node's orders, opened and requested ones, the newest first. */
export async function readNodeOrders(chain: ChainContext, nodeId: bigint): Promise<readonly NodeOrder[]> {
  const { orderEscrow } = chain.protocol;
  const [opened, requested] = await Promise.all([
    readEvents(chain.history, orderEscrow, orderEscrow.filters.OrderOpened(undefined, nodeId)),
    readEvents(chain.history, orderEscrow, orderEscrow.filters.OrderRequested(undefined, nodeId)),
  ]);
  return [...opened.map(orderOf), ...requested.map(orderOf)].sort((a, b) => b.block - a.block);
}

/** An order as it stands. */
export interface StandingOrder extends NodeOrder {
  readonly status: string;
  /** Seconds that were proven and paid. */
  readonly paidSeconds: bigint;
  /** Misses that cost the provider stake. */
  readonly faults: bigint;
}

/** Reads how each of a node's orders stands, the newest first. */
export async function readStandingOrders(chain: ChainContext, nodeId: bigint): Promise<readonly StandingOrder[]> {
  const { orderEscrow } = chain.protocol;
  const orders = await readNodeOrders(chain, nodeId);
  return Promise.all(
    orders.map(async (order) => {
      const [{ progress }, [status]] = await Promise.all([
        orderEscrow.getOrder(order.orderId),
        orderEscrow.statusOf(order.orderId),
      ]);
      const { payableSeconds, faults } = progress;
      return { ...order, status: enumName("OrderStatus", status), paidSeconds: payableSeconds, faults };
    }),
  );
}

/** What a node's orders came to. */
export interface NodeRecord {
  /** Orders that ran or run: requests are none yet. */
  readonly served: number;
  readonly paidSeconds: bigint;
  readonly faults: bigint;
}

const UNSERVED: ReadonlySet<string> = new Set(["Requested", "Cancelled"]);

/** Sums up what a node's orders came to. */
export function recordOf(orders: readonly StandingOrder[]): NodeRecord {
  const served = orders.filter(({ status }) => !UNSERVED.has(status));
  return {
    served: served.length,
    paidSeconds: served.reduce((sum, order) => sum + order.paidSeconds, 0n),
    faults: served.reduce((sum, { faults }) => sum + faults, 0n),
  };
}
