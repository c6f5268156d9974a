import { issueChallenge } from "./challenge.ts";
import type { MarketNode } from "./nodes.ts";
import type { OrderBook } from "./orders.ts";
import type { OrderPlan } from "./planOrders.ts";
import { answer, marketProver } from "./proofs.ts";
import type { World } from "./world.ts";
import type { Prover } from "../../src/pow/index.ts";
import { Random } from "../../test/fixtures/random.ts";

/** How often a flaky node misses an epoch. */
const MISSES = 0.2;

/** After so many epochs one order of so many is settled on the way; at the end all are. */
const [SETTLED_AFTER, SETTLED_OF] = [4, 5];

/** The epoch in which nodes exit that do: no order begins in one as late. */
const exitEpoch = (epochs: number): number => Math.floor(epochs * 0.7);

/** Whether a node answers an epoch's challenge. A failing one misses all of the last third: its orders end of faults. */
function answers({ reliability, life }: MarketNode, epoch: number, epochs: number, random: Random): boolean {
  const isLucky = !random.chance(MISSES);
  if (life === "declared" || (life === "exits" && epoch > exitEpoch(epochs))) return false;
  if (reliability === "failing") return epoch < Math.ceil((2 * epochs) / 3) - 1;
  return reliability === "steady" || isLucky;
}

/** What goes through epochs. */
export interface EpochStage {
  readonly nodes: readonly MarketNode[];
  readonly plans: readonly OrderPlan[];
  readonly orders: OrderBook;
}

/** Lets the market's epochs pass: orders begin, change and end, challenges come, and nodes prove or miss. */
export async function liveEpochs(world: World, stage: EpochStage): Promise<bigint[]> {
  const { size, tell } = world;
  const prover = await marketProver();
  const passed: bigint[] = [];
  try {
    for (let epoch = 0; epoch < size.epochs; epoch += 1) {
      passed.push(await liveEpoch(world, stage, prover, epoch));
      tell(`epoch ${epoch + 1} of ${size.epochs}: ${stage.orders.orders.length} orders`);
    }
  } finally {
    await prover.close();
  }
  await nextEpoch(world);
  await stage.orders.settle();
  return passed;
}

/** A few seconds into the next epoch. */
async function nextEpoch({ chain, epochLength }: World): Promise<void> {
  await chain.mine((chain.now / epochLength + 1n) * epochLength + 2n);
}

async function liveEpoch(world: World, stage: EpochStage, prover: Prover, epoch: number): Promise<bigint> {
  const { size } = world;
  const { nodes, plans, orders } = stage;
  await nextEpoch(world);
  await orders.open(plans.filter(({ opensIn }) => opensIn === epoch));
  await orders.change(epoch);
  if (epoch === exitEpoch(size.epochs)) await exitNodes(world, nodes);
  const challenge = await issueChallenge(world, epoch);
  const random = new Random(size.seed + 1_000 + epoch);
  const answering = nodes.filter((node) => answers(node, epoch, size.epochs, random));
  await answer(world, prover, challenge, answering);
  if (epoch % SETTLED_AFTER === SETTLED_AFTER - 1) await orders.settle(SETTLED_OF);
  return challenge.epoch;
}

async function exitNodes({ sender, protocol }: World, nodes: readonly MarketNode[]): Promise<void> {
  const leaving = nodes.filter(({ life }) => life === "exits");
  await sender.send(
    leaving.map(({ owner, nodeId, enclave }) => ({
      by: owner,
      tx: protocol.nodeRegistry.exit.populateTransaction(nodeId, enclave.address),
      what: "have a node exit",
    })),
  );
}
