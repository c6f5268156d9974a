import { readEvents, type PastEvent } from "../../../src/chain/history.ts";
import { enumName } from "../../../src/enums.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { writeTime } from "../parts/format.ts";

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
      return `Attested, ${enumName("TcbStatus", tcbStatus)}, until ${writeTime(validUntil).text}`;
    }),
  async ({ history, protocol: { nodeRegistry: registry } }, nodeId) =>
    told(await readEvents(history, registry, registry.filters.NodeRechecked(nodeId)), ({ standing }) => {
      return `Checked again: ${enumName("Standing", standing)}`;
    }),
  async ({ history, protocol: { nodeRegistry: registry } }, nodeId) =>
    told(await readEvents(history, registry, registry.filters.NodeSuspended(nodeId)), () => "Suspended"),
  async ({ history, protocol: { nodeRegistry: registry } }, nodeId) =>
    told(await readEvents(history, registry, registry.filters.SuspensionLifted(nodeId)), () => "Suspension lifted"),
  async ({ history, protocol: { nodeRegistry: registry } }, nodeId) =>
    told(await readEvents(history, registry, registry.filters.NodeEnded(nodeId)), ({ reason, endsAt }) => {
      return `End set to ${writeTime(endsAt).text}: ${enumName("EndReason", reason)}`;
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
