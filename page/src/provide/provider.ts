import { readEvents } from "../../../src/chain/history.ts";
import { closedNode } from "../../../src/facts/closedNode.ts";
import { viewNode } from "../../../src/facts/node.ts";
import { viewOrder } from "../../../src/facts/order.ts";
import { stakeModules, viewStake } from "../../../src/facts/stake.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { chainNow } from "../chain/network.ts";
import { readNodeOrders } from "../node/history.ts";
import { readEpochs } from "../node/power.ts";
import type { OwnNode } from "./warnings.ts";

/** So many of the newest epochs are looked at for missed ones. */
const LATELY = 24;

const OVER: ReadonlySet<string> = new Set(["Closed", "Cancelled"]);

async function readOwnNode(chain: ChainContext, nodeId: bigint): Promise<OwnNode> {
  const { nodeRegistry, orderEscrow } = chain.protocol;
  const now = chainNow();
  const [view, node, earnings, idleLock, known] = await Promise.all([
    viewNode(chain, nodeId, now),
    nodeRegistry.getNode(nodeId),
    orderEscrow.earningsOf(nodeId),
    orderEscrow.idleLockOf(nodeId),
    readNodeOrders(chain, nodeId),
  ]);
  const [orders, epochs] = await Promise.all([
    Promise.all(known.map(async ({ orderId }) => viewOrder(chain, orderId))),
    node.attestedAt === 0n ? [] : readEpochs(chain, view, { since: node.attestedAt, until: view.end }),
  ]);
  const { open, suspendedSince } = view;
  return {
    view,
    closed: closedNode(nodeId, { node, open, suspendedSince, now }),
    earned: earnings.balance,
    idleLock,
    orders: orders.filter(({ status }) => !OVER.has(status)),
    missed: epochs
      .slice(-LATELY)
      .filter(({ state }) => state === "missed")
      .map(({ epoch }) => epoch),
  };
}

/** Reads a provider's nodes, and its stake. */
export async function readProvider(chain: ChainContext, account: string) {
  const { nodeRegistry } = chain.protocol;
  const [declared, stake] = await Promise.all([
    readEvents(chain.history, nodeRegistry, nodeRegistry.filters.NodeDeclared(undefined, account)),
    viewStake(chain, account),
  ]);
  const nodes = await Promise.all(declared.map(async ({ args }) => readOwnNode(chain, args.nodeId)));
  return { nodes, stake, now: chainNow() };
}

/** Stake that an account lost. */
export interface Slash {
  /** What it answered for: a word of the stake's modules. */
  readonly module: string;
  readonly beneficiary: string;
  /** Token base units. */
  readonly amount: bigint;
  readonly block: number;
  /** Unix seconds. */
  readonly at: bigint;
  readonly transactionHash: string;
}

/** So many of the newest slashes are read. */
const NEWEST = 20;

/** Reads how an account was slashed lately, the newest first. */
export async function readSlashes(chain: ChainContext, account: string): Promise<readonly Slash[]> {
  const { stakeVault } = chain.protocol;
  const { contracts } = chain.config.book;
  const words = new Map(Object.entries(stakeModules).map(([word, name]) => [contracts[name], word]));
  const events = await readEvents(chain.history, stakeVault, stakeVault.filters.Slashed(account));
  const newest = events.slice(-NEWEST).reverse();
  return Promise.all(
    newest.map(async ({ args: { module, beneficiary, amount }, blockNumber, transactionHash }) => {
      const block = await chain.provider.getBlock(blockNumber);
      const at = BigInt(block?.timestamp ?? 0);
      return { module: words.get(module) ?? module, beneficiary, amount, block: blockNumber, at, transactionHash };
    }),
  );
}
