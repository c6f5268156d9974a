import { createWorld, TOKEN, type World } from "../../test/fixtures/world.ts";
import { measureDcap } from "./dcap.ts";
import { gasOf, type Measurements } from "./measured.ts";
import { measureTasks } from "./tasks.ts";

const BATCH = 50;
const EPOCHS = 24;
const DEPOSIT = 1_000_000n * TOKEN;

/** Lets epochs pass, each challenged and proven. */
async function work(world: World, nodeId: bigint, epochs: number): Promise<void> {
  for (let epoch = 0; epoch < epochs; epoch++) {
    await world.nextEpoch();
    await world.issue();
    await world.prove(nodeId);
  }
}

/** Starts an epoch from which a whole word of the bitmap lies ahead, so that no measurement crosses into the next. */
async function toFreshWord({ epochLength, now, travelTo }: World): Promise<void> {
  const word = 192 * epochLength;
  await travelTo((Math.floor((await now()) / word) + 1) * word + 5);
}

async function nodes(world: World): Promise<{ nodeId: bigint; rows: Measurements }> {
  const nodeId = await world.declare();
  const first = await gasOf(world.attest(nodeId));
  const steady = await gasOf(world.attest(await world.declare()));
  return { nodeId, rows: { "node-register-quorum": { steady, first } } };
}

async function proofs(world: World, nodeId: bigint): Promise<Measurements> {
  await world.nextEpoch();
  const [issueFirst, proveFirst] = [await gasOf(world.issue()), await gasOf(world.prove(nodeId))];
  await world.nextEpoch();
  return {
    "challenge-issue": { steady: await gasOf(world.issue()), first: issueFirst },
    "proof-128": { steady: await gasOf(world.prove(nodeId)), first: proveFirst },
  };
}

async function openings(world: World, nodeId: bigint): Promise<Measurements> {
  const { protocol, provider } = world;
  const escrow = protocol.orderEscrow;
  const { offer, signature } = await world.offerOf(nodeId);
  const [one, two] = [await world.user(), await world.user()];
  const open = async (by: typeof one) => gasOf(escrow.connect(by).open(offer, signature, DEPOSIT, false));
  const request = async (by: typeof one) => {
    const { units, ratePerSecond, stakeLock, mrEnclave } = offer;
    const acceptBy = (await world.now()) + world.epochLength;
    const wanted = { nodeId, units, ratePerSecond, stakeLock, mrEnclave, onChainOnly: false, acceptBy };
    const asked = await gasOf(escrow.connect(by).request(wanted, DEPOSIT));
    return asked + (await gasOf(escrow.connect(provider).accept(await escrow.orderCount())));
  };
  return {
    "order-open-offer": { first: await open(one), steady: await open(two) },
    "order-request-accept": { first: await request(one), steady: await request(two) },
  };
}

/** Orders 1 to 4 are there; each user has two. */
async function settlements(world: World, nodeId: bigint): Promise<Measurements> {
  const escrow = world.protocol.orderEscrow;
  const userOf = async (orderId: number) =>
    escrow.connect(await world.connection.ethers.getImpersonatedSigner((await escrow.getOrder(orderId)).user));
  await toFreshWord(world);
  await world.protocol.nodeRegistry.checkpoint();
  await world.attest(nodeId);
  await work(world, nodeId, 2);
  const settleFirst = await gasOf(escrow.settle(1, 0));
  await work(world, nodeId, EPOCHS);
  const settle = await gasOf(escrow.settle(1, 0));
  const topUp = await gasOf((await userOf(1)).topUp(1, DEPOSIT));
  await escrow.settleMany([2, 3, 4], 0);
  const closeFirst = await gasOf((await userOf(2)).close(2));
  await work(world, nodeId, EPOCHS);
  await escrow.settleMany([1, 3, 4], 0);
  const close = await gasOf((await userOf(4)).close(4));
  await work(world, nodeId, EPOCHS);
  const topUpUnsettled = await gasOf((await userOf(1)).topUp(1, DEPOSIT));
  await (await userOf(1)).close(1);
  return {
    "order-settle": { steady: settle, first: settleFirst },
    "order-top-up": { steady: topUp },
    "order-top-up-unsettled": { steady: topUpUnsettled },
    "order-close": { steady: close, first: closeFirst },
    "order-close-unsettled": { steady: await gasOf((await userOf(3)).close(3)) },
  };
}

async function batch(world: World, nodeId: bigint): Promise<Measurements> {
  const escrow = world.protocol.orderEscrow;
  const { offer, signature } = await world.offerOf(nodeId);
  const orders: bigint[] = [];
  for (let i = 0; i < BATCH; i++) {
    await escrow.connect(await world.user()).open(offer, signature, DEPOSIT, false);
    orders.push(await escrow.orderCount());
  }
  await work(world, nodeId, 2);
  const first = Math.ceil((await gasOf(escrow.settleMany(orders, 0))) / BATCH);
  await work(world, nodeId, EPOCHS);
  const steady = Math.ceil((await gasOf(escrow.settleMany(orders, 0))) / BATCH);
  await world.nextEpoch();
  const unproven = await gasOf(escrow.settle(orders.at(-1) ?? 0n, 0));
  return { "order-settle-batch-each": { steady, first }, "order-settle-unproven": { steady: unproven } };
}

/** Measures every operation on a fresh chain, each by the receipt of a transaction of its own. Rows of Intel's own quote may be missing. */
export async function measure(): Promise<Measurements> {
  const world = await createWorld();
  const { nodeId, rows } = await nodes(world);
  return {
    ...rows,
    ...(await proofs(world, nodeId)),
    ...(await openings(world, nodeId)),
    ...(await settlements(world, nodeId)),
    ...(await batch(world, nodeId)),
    ...(await measureTasks()),
    ...(await measureDcap()),
  };
}
