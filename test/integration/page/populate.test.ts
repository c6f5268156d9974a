import { expect } from "chai";
import hre from "hardhat";

import { populate, type Market } from "../../../scripts/populate/populate.ts";
import type { OrderLife } from "../../../scripts/populate/planOrders.ts";
import type { AddressBook } from "../../../src/deployments.ts";
import { enumName } from "../../../src/enums.ts";
import { InputError } from "../../../src/inputError.ts";
import type { Protocol } from "../../../src/protocol.ts";
import type { LocalNode } from "../../fixtures/chain/localNode.ts";
import { until } from "../../fixtures/gateway/condition.ts";
import { sharedStage, STAGE_SIZE as SIZE } from "../../fixtures/page/stage.ts";

describe("A market made up on a local chain", function () {
  this.timeout(300_000);
  let node: LocalNode;
  let rpc: string;
  let book: AddressBook;
  let market: Market;
  let protocol: Protocol;

  before(async () => {
    ({ node, rpc, book, market, protocol } = await sharedStage());
  });

  const nodesOf = (life: string) => market.nodes.filter((each) => each.life === life);

  it("has the nodes that were asked for, attested either way, declared only, and gone", async () => {
    const { nodeRegistry } = protocol;
    expect(await nodeRegistry.nodeCount()).to.equal(BigInt(SIZE.nodes));
    for (const { nodeId, verifier, url, units, requiredRate } of nodesOf("stays")) {
      expect(await nodeRegistry.isLive(nodeId)).to.equal(true);
      const [, kind] = await nodeRegistry.verifierOf(nodeId);
      expect(enumName("VerifierKind", kind)).to.equal(verifier);
      expect(await nodeRegistry.urlOf(nodeId)).to.equal(url);
      const stored = await nodeRegistry.getNode(nodeId);
      expect([stored.units, stored.requiredRate]).to.deep.equal([BigInt(units), requiredRate]);
    }
    const kinds = new Set(nodesOf("stays").map(({ verifier }) => verifier));
    expect([...kinds].sort()).to.deep.equal(["OnChain", "Quorum"]);
    expect(nodesOf("declared")).to.not.be.empty;
    for (const { nodeId } of nodesOf("declared")) {
      expect((await nodeRegistry.getNode(nodeId)).attestations).to.equal(0n);
    }
    expect(nodesOf("exits")).to.not.be.empty;
    for (const { nodeId } of nodesOf("exits")) {
      const { endReason } = await nodeRegistry.getNode(nodeId);
      expect(enumName("EndReason", endReason)).to.equal("Exited");
    }
  });

  it("writes what strangers would to do harm", async () => {
    const names = await Promise.all(
      market.models.map(async ({ modelId }) => (await protocol.hardwareCatalog.getModel(modelId)).name),
    );
    expect(names.some((name) => name.includes("onclick="))).to.equal(true);
    const uris = await Promise.all(market.datasets.map(async ({ datasetId }) => protocol.dataGrants.uriOf(datasetId)));
    expect(uris.some((uri) => uri.startsWith("javascript:"))).to.equal(true);
  });

  it("has proofs of every epoch by who is reliable, and of fewer by who is not", async () => {
    const { challengeManager } = protocol;
    expect(market.epochs).to.have.length(SIZE.epochs);
    const proofsOf = async (nodeId: bigint): Promise<number> => {
      const proven = await Promise.all(market.epochs.map(async (epoch) => challengeManager.isProven(nodeId, epoch)));
      return proven.filter(Boolean).length;
    };
    for (const { nodeId, reliability, requiredRate } of nodesOf("stays")) {
      const proofs = await proofsOf(nodeId);
      if (reliability === "steady") expect(proofs).to.equal(SIZE.epochs);
      if (reliability === "failing") expect(proofs).to.be.within(1, SIZE.epochs - 2);
      const { hashRate } = await challengeManager.provenRateOf(nodeId);
      // A proof shows 127 of the 174.41 hashes that the required rate finds in the window; so low a rate loses more by rounding.
      expect(Number(hashRate)).to.be.at.least(Math.floor(Number(requiredRate) * 0.65));
    }
    expect(new Set(nodesOf("stays").map(({ reliability }) => reliability)).size).to.equal(3);
  });

  it("has orders in all the states of an order's life", async () => {
    const { orderEscrow } = protocol;
    expect(await orderEscrow.orderCount()).to.equal(BigInt(SIZE.orders));
    const found = new Map<OrderLife, string[]>();
    for (const { orderId, plan, user, deposit } of market.orders) {
      const [{ status, reason }, order] = await Promise.all([
        orderEscrow.statusOf(orderId),
        orderEscrow.getOrder(orderId),
      ]);
      expect(order.user).to.equal(user.address);
      if (plan.life === "toppedUp") expect(order.progress.deposited).to.equal(7n * deposit);
      const state = `${enumName("OrderStatus", status)} ${enumName("StopReason", reason)}`;
      found.set(plan.life, [...(found.get(plan.life) ?? []), state]);
    }
    expect([...found.keys()]).to.have.length(8);
    const statesOf = (life: OrderLife): Set<string> => new Set(found.get(life));
    expect([...statesOf("dry")]).to.deep.equal(["Stopped Depleted"]);
    expect([...statesOf("toppedUp")]).to.deep.equal(["Active None"]);
    expect([...statesOf("requested")]).to.deep.equal(["Requested None"]);
    expect([...statesOf("cancelled")]).to.deep.equal(["Cancelled None"]);
    expect(statesOf("closed")).to.include("Closed UserClosed");
    expect(statesOf("endedByProvider")).to.include("Closed ProviderClosed");
    expect(statesOf("streams")).to.include("Active None");
    const all = new Set([...found.values()].flat());
    expect(all).to.include("Closed Faults");
    expect(all).to.include("Closed NodeEnded");
  });

  it("has datasets with grants that hold and others that were revoked", async () => {
    const { dataGrants } = protocol;
    expect(await dataGrants.datasetCount()).to.equal(BigInt(SIZE.datasets));
    for (const { dataset, node: granted, isRevoked } of market.grants) {
      expect(await dataGrants.isGranted(dataset.datasetId, granted.nodeId)).to.equal(!isRevoked);
    }
    expect(new Set(market.grants.map(({ isRevoked }) => isRevoked)).size).to.equal(2);
  });

  it("has tasks in every state that does not take a revocation", async () => {
    const { taskEscrow } = protocol;
    expect(await taskEscrow.taskCount()).to.equal(BigInt(SIZE.tasks));
    for (const { taskId, plan } of market.tasks) {
      const { status } = await taskEscrow.getTask(taskId);
      expect(enumName("TaskStatus", status)).to.equal(plan.end);
    }
    expect(new Set(market.tasks.map(({ plan }) => plan.end)).size).to.equal(9);
  });

  it("leaves a change of governance scheduled, and the chain to itself", async () => {
    const { governance, orderEscrow } = protocol;
    const call = await orderEscrow.setFee.populateTransaction(150);
    const operation = await governance.hashOperation(market.people.governor.address, call.to, call.data);
    const { timestamp } = (await node.provider.getBlock("latest"))!;
    expect(Number(await governance.getSchedule(operation))).to.be.greaterThan(timestamp + 86_400);
    const before = await node.provider.getBlockNumber();
    await until("the chain mines by itself", async () => (await node.provider.getBlockNumber()) > before);
    const [richest] = market.people.users;
    const sent = await richest!.connect(node.provider).sendTransaction({ to: richest!.address });
    await sent.wait();
  });

  it("is made but once of a seed", async () => {
    const again = populate({ ...SIZE, rpc, book });
    const failure: unknown = await again.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(InputError).with.property("problem").that.contains("seed 1 already");
  });
});

describe("A market that is not to be", () => {
  const book = { network: "elsewhere", chainId: 5, fromBlock: 0, contracts: {} } as unknown as AddressBook;

  async function failureAt(rpc: string): Promise<InputError> {
    try {
      await populate({ rpc, book });
    } catch (error) {
      if (error instanceof InputError) return error;
      throw error;
    }
    throw new Error("A market was made");
  }

  it("is refused on a chain that is not local, before anything is sent", async () => {
    const server = await hre.network.createServer({ network: "default", override: { chainId: 5 } }, "127.0.0.1");
    try {
      const { port } = await server.listen();
      const rpc = `http://127.0.0.1:${String(port)}`;
      const { problem, remedy } = await failureAt(rpc);
      expect(problem).to.equal(`The chain at ${rpc} has the id 5`);
      expect(remedy).to.contain("local chains only");
    } finally {
      await server.close();
    }
  });

  it("says how to start a chain where none answers", async () => {
    const { problem, remedy } = await failureAt("http://127.0.0.1:1");
    expect(problem).to.equal("No chain answers at http://127.0.0.1:1");
    expect(remedy).to.contain("npx hardhat devnet");
  });
});
