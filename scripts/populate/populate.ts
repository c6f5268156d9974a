import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { listModels, scheduleFee, type ListedModel } from "./catalog.ts";
import { LocalChain } from "./chain.ts";
import { bringCollateral } from "./collateral.ts";
import { grantDatasets, registerDatasets, type MarketDataset, type MarketGrant } from "./datasets.ts";
import { liveEpochs } from "./epochs.ts";
import { fund, stake } from "./funding.ts";
import { attestNodes, declareNodes, type MarketNode } from "./nodes.ts";
import { Offers, stakeLockOf } from "./offers.ts";
import { USUAL_SIZE, type MarketSize } from "./options.ts";
import { OrderBook, type MarketOrder } from "./orders.ts";
import { gather, type People } from "./people.ts";
import { modelsFor, planNodes, providersOf } from "./planNodes.ts";
import { planOrders, unitsOf, usersOf } from "./planOrders.ts";
import { ownersOf, planTasks } from "./planTasks.ts";
import { windowOf } from "./proofs.ts";
import { BatchSender } from "./sender.ts";
import { liveSlowTasks, liveTasks, type MarketTask } from "./tasks.ts";
import { seatValidators } from "./validators.ts";
import type { World } from "./world.ts";
import { declarationTermsOf } from "../../src/declaration.ts";
import type { AddressBook } from "../../src/deployments.ts";
import { InputError } from "../../src/inputError.ts";
import { Journal } from "../../src/journal/index.ts";
import { LOCAL_CHAIN_ID } from "../../src/localChain.ts";
import { connectProtocol } from "../../src/protocol.ts";
import { readToken } from "../../src/token.ts";

/** Where a market is made, and how large. */
export interface PopulateOptions extends Partial<MarketSize> {
  /** The node's endpoint. */
  readonly rpc: string;
  readonly book: AddressBook;
  /** How often the node makes blocks by itself, in milliseconds: a second by default, as a devnet; 0 where it does not. */
  readonly blockMilliseconds?: number;
  /** Hears what is being done. */
  readonly tell?: (text: string) => void;
}

/** What was made. */
export interface Market {
  readonly size: MarketSize;
  readonly people: People;
  readonly models: readonly ListedModel[];
  readonly nodes: readonly MarketNode[];
  readonly orders: readonly MarketOrder[];
  readonly datasets: readonly MarketDataset[];
  readonly grants: readonly MarketGrant[];
  readonly tasks: readonly MarketTask[];
  /** The epochs that were challenged. */
  readonly epochs: readonly bigint[];
  /** How many transactions that took. */
  readonly transactions: number;
}

/**
 * Makes a market on a local chain that has the platform, all of it by transactions of the people in it.
 *
 * The chain stands still meanwhile but for the blocks that this mines, and its clock is moved ahead by as many epochs as are lived.
 *
 * @throws {InputError} Where the chain is no local one, has no platform, or has a market of this seed already.
 */
export async function populate(options: PopulateOptions): Promise<Market> {
  const { rpc, book, blockMilliseconds = 1_000 } = options;
  const chain = await LocalChain.open(rpc);
  const folder = mkdtempSync(join(tmpdir(), "populate-journal-"));
  try {
    const world = await openWorld(chain, options, new Journal(folder), book);
    return await chain.byHand(blockMilliseconds, async () => makeMarket(world));
  } finally {
    chain.close();
    rmSync(folder, { recursive: true });
  }
}

async function openWorld(
  chain: LocalChain,
  { tell = () => undefined, ...options }: PopulateOptions,
  journal: Journal,
  book: AddressBook,
): Promise<World> {
  const { provider } = chain;
  const { nodes, orders, tasks, datasets, epochs, seed, isHostile } = { ...USUAL_SIZE, ...options };
  const size = { nodes, orders, tasks, datasets, epochs, seed, isHostile };
  if ((await provider.getCode(book.contracts.orderEscrow)) === "0x") {
    const problem = `The chain has no platform at the addresses of the network "${book.network}"`;
    throw new InputError(problem, "Start one that has: `npx hardhat devnet`, or name another network.");
  }
  const people = gather(seed, {
    providers: providersOf(size),
    users: usersOf(size),
    owners: ownersOf(size),
  });
  const [first] = people.users;
  if (first !== undefined && (await provider.getTransactionCount(first.address)) > 0) {
    const problem = `The chain has a market of the seed ${String(seed)} already`;
    throw new InputError(problem, "Give another --seed, or start a fresh chain.");
  }
  const protocol = connectProtocol(book, provider);
  const [{ decimals }, epochLength] = await Promise.all([
    readToken(book.contracts.token, provider),
    protocol.challengeManager.epochLength(),
  ]);
  const sender = new BatchSender(chain);
  return {
    ...{ chain, sender, book, chainId: LOCAL_CHAIN_ID, protocol, decimals, epochLength, people, size, journal, tell },
  };
}

async function makeMarket(world: World): Promise<Market> {
  const { size, people, sender, tell } = world;
  tell("validators take their seats");
  await seatValidators(world);
  const models = await listModels(world, modelsFor(size, await windowOf(world)));
  const plans = planNodes(size, models.length);
  const orderPlans = planOrders(size, plans);
  const taskPlans = planTasks(size, plans, people.users.length);
  tell(`${people.providers.length} providers stake, ${people.users.length} users get tokens`);
  await equip(world);
  const intel = await bringCollateral(world);
  tell(`${size.nodes} nodes are declared and attested`);
  const nodes = await declareNodes(world, plans, models, (node) => unitsOf(node, orderPlans));
  await attestNodes(world, intel, nodes);
  tell(`${size.datasets} datasets are registered and granted`);
  const datasets = await registerDatasets(world, taskPlans.datasets);
  const grants = await grantDatasets(world, taskPlans.grants, datasets, nodes);
  const slow = await liveSlowTasks(world, { nodes, datasets }, taskPlans.tasks);
  const orders = new OrderBook(world, nodes, new Offers(world));
  const epochs = await liveEpochs(world, { nodes, plans: orderPlans, orders });
  tell(`${size.tasks} tasks are done or fail`);
  const tasks = [...slow, ...(await liveTasks(world, { nodes, datasets }, taskPlans.tasks))];
  await orders.withdraw();
  await scheduleFee(world, SCHEDULED_FEE);
  const made = { size, people, models, nodes, orders: orders.orders, datasets, grants, tasks, epochs };
  return { ...made, transactions: sender.sent };
}

/** The fee that stays scheduled, in basis points. */
const SCHEDULED_FEE = 150;

/** Gives everybody coins, tokens and stake enough for whatever becomes of them. */
async function equip(world: World): Promise<void> {
  const { people, size, protocol, decimals } = world;
  const { stake: nodeStake } = await declarationTermsOf(protocol, 1n, 1);
  const perNode = nodeStake + BigInt(size.orders + 4 * size.tasks) * stakeLockOf(world);
  const perProvider = (perNode * BigInt(size.nodes)) / BigInt(people.providers.length) + perNode;
  const providers = people.providers.map((account) => ({ account, amount: perProvider }));
  const purse = 100_000n * 10n ** BigInt(decimals);
  await fund(world, [
    ...providers.map((each) => ({ ...each, spenders: ["stakeVault"] as const })),
    ...people.users.map((account) => ({ account, amount: purse, spenders: ["orderEscrow", "taskEscrow"] as const })),
    ...people.owners.map((account) => ({ account, amount: 0n, spenders: [] })),
  ]);
  await stake(
    world,
    providers.map((each) => ({
      ...each,
      modules: ["nodeRegistry", "orderEscrow", "taskEscrow", "resultDemands"] as const,
    })),
  );
}
