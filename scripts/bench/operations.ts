import { deployTestPlatform, TOKEN, type DeployedPlatform } from "../../test/fixtures/deployedPlatform.ts";
import { measureDcap } from "./dcap.ts";
import { gasOf, type Measurements } from "./measured.ts";
import { measureTasks } from "./tasks.ts";

const BATCH = 50;
const EPOCHS = 24;
const DEPOSIT = 1_000_000n * TOKEN;

/** Lets epochs pass, each challenged and proven. */
async function work(deployed: DeployedPlatform, nodeId: bigint, epochs: number): Promise<void> {
  for (let epoch = 0; epoch < epochs; epoch++) {
    await deployed.nextEpoch();
    await deployed.issue();
    await deployed.prove(nodeId);
  }
}

/** Starts an epoch from which a whole word of the bitmap lies ahead, so that no measurement crosses into the next. */
async function toFreshWord({ epochLength, now, travelTo }: DeployedPlatform): Promise<void> {
  const word = 192 * epochLength;
  await travelTo((Math.floor((await now()) / word) + 1) * word + 5);
}

async function nodes(deployed: DeployedPlatform): Promise<{ nodeId: bigint; rows: Measurements }> {
  const nodeId = await deployed.declare();
  const first = await gasOf(deployed.attest(nodeId));
  const steady = await gasOf(deployed.attest(await deployed.declare()));
  return { nodeId, rows: { "node-register-quorum": { steady, first } } };
}

async function proofs(deployed: DeployedPlatform, nodeId: bigint): Promise<Measurements> {
  const other = await deployed.protocol.nodeRegistry.nodeCount();
  const epoch = async () => {
    await deployed.nextEpoch();
    return [
      await gasOf(deployed.issue()),
      await gasOf(deployed.prove(nodeId)),
      await gasOf(deployed.prove(other)),
    ] as const;
  };
  const first = await epoch();
  const steady = await epoch();
  return {
    "challenge-issue": { steady: steady[0], first: first[0] },
    "proof-128": { steady: steady[2], first: first[2] },
    "proof-128-answers": { steady: steady[1], first: first[1] },
  };
}

async function openings(deployed: DeployedPlatform, nodeId: bigint): Promise<Measurements> {
  const { protocol, provider } = deployed;
  const escrow = protocol.orderEscrow;
  const { offer, signature } = await deployed.offerOf(nodeId);
  const [one, two] = [await deployed.user(), await deployed.user()];
  const open = async (by: typeof one) => gasOf(escrow.connect(by).open(offer, signature, DEPOSIT, false));
  const request = async (by: typeof one) => {
    const { units, ratePerSecond, stakeLock, mrEnclave, enclaveKey, modelId } = offer;
    const acceptBy = (await deployed.now()) + deployed.epochLength;
    const identity = { nodeId, mrEnclave, enclaveKey, modelId };
    const wanted = { ...identity, units, ratePerSecond, stakeLock, onChainOnly: false, acceptBy };
    const asked = await gasOf(escrow.connect(by).request(wanted, DEPOSIT));
    const orderId = await escrow.orderCount();
    const terms = await escrow.termsHashOf(orderId);
    return asked + (await gasOf(escrow.connect(provider).accept(orderId, terms, enclaveKey, DEPOSIT)));
  };
  /** An order that is over and has paid for an epoch leaves its lock idle for the next. */
  const leaveIdle = async (): Promise<void> => {
    const over = await deployed.user();
    await open(over);
    const orderId = await escrow.orderCount();
    // The first one it has only in part.
    await work(deployed, nodeId, 2);
    await escrow.connect(over).close(orderId, await escrow.termsHashOf(orderId));
  };
  const [first, lock, requestFirst] = [await open(one), await open(two), await request(one)];
  await leaveIdle();
  const requests = { first: requestFirst, steady: await request(two) };
  await leaveIdle();
  return {
    "order-open-offer": { first, steady: await open(await deployed.user()) },
    "order-open-offer-lock": { steady: lock },
    "order-request-accept": requests,
  };
}

/** Orders 1, 2, 3 and 5 stream; each user has two. */
async function settlements(deployed: DeployedPlatform, nodeId: bigint): Promise<Measurements> {
  const escrow = deployed.protocol.orderEscrow;
  const userOf = async (orderId: number) =>
    escrow.connect(await deployed.connection.ethers.getImpersonatedSigner((await escrow.getOrder(orderId)).user));
  const topUpOf = async (orderId: number) =>
    gasOf((await userOf(orderId)).topUp(orderId, await escrow.termsHashOf(orderId), DEPOSIT));
  const closeOf = async (orderId: number) =>
    gasOf((await userOf(orderId)).close(orderId, await escrow.termsHashOf(orderId)));
  await toFreshWord(deployed);
  await deployed.protocol.nodeRegistry.checkpoint();
  await deployed.attest(nodeId);
  await work(deployed, nodeId, 2);
  const settleFirst = await gasOf(escrow.settle(1, 0));
  await work(deployed, nodeId, EPOCHS);
  const settle = await gasOf(escrow.settle(1, 0));
  const topUp = await topUpOf(1);
  await escrow.settleMany([2, 3, 5], 0);
  const closeFirst = await closeOf(2);
  await work(deployed, nodeId, EPOCHS);
  await escrow.settleMany([1, 3, 5], 0);
  const close = await closeOf(5);
  await work(deployed, nodeId, EPOCHS);
  const topUpUnsettled = await topUpOf(1);
  await closeOf(1);
  return {
    "order-settle": { steady: settle, first: settleFirst },
    "order-top-up": { steady: topUp },
    "order-top-up-unsettled": { steady: topUpUnsettled },
    "order-close": { steady: close, first: closeFirst },
    "order-close-unsettled": { steady: await closeOf(3) },
  };
}

async function batch(deployed: DeployedPlatform, nodeId: bigint): Promise<Measurements> {
  const escrow = deployed.protocol.orderEscrow;
  const { offer, signature } = await deployed.offerOf(nodeId);
  const orders: bigint[] = [];
  for (let i = 0; i < BATCH; i++) {
    await escrow.connect(await deployed.user()).open(offer, signature, DEPOSIT, false);
    orders.push(await escrow.orderCount());
  }
  await work(deployed, nodeId, 2);
  const first = Math.ceil((await gasOf(escrow.settleMany(orders, 0))) / BATCH);
  await work(deployed, nodeId, EPOCHS);
  const steady = Math.ceil((await gasOf(escrow.settleMany(orders, 0))) / BATCH);
  await deployed.nextEpoch();
  const unproven = await gasOf(escrow.settle(orders.at(-1) ?? 0n, 0));
  return { "order-settle-batch-each": { steady, first }, "order-settle-unproven": { steady: unproven } };
}

/** Measures every operation on a fresh chain, each by the receipt of a transaction of its own. Rows of Intel's own quote may be missing. */
export async function measure(): Promise<Measurements> {
  const deployed = await deployTestPlatform();
  const { nodeId, rows } = await nodes(deployed);
  return {
    ...rows,
    ...(await proofs(deployed, nodeId)),
    ...(await openings(deployed, nodeId)),
    ...(await settlements(deployed, nodeId)),
    ...(await batch(deployed, nodeId)),
    ...(await measureTasks()),
    ...(await measureDcap()),
  };
}
