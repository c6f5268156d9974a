import { expect } from "chai";
import { id } from "ethers";

import { deployTestPlatform, TOKEN, type Actor, type DeployedPlatform } from "../../fixtures/deployedPlatform.ts";
import { openProviderStage } from "../../fixtures/provider/stage.ts";
import { OrderDuty } from "../../../src/provider/orders/duty.ts";
import { StakeDuty } from "../../../src/provider/stake/duty.ts";
import { TopUps } from "../../../src/provider/stake/topUps.ts";
import { simulatedEnclave } from "../../../src/sgx/simulator/enclave.ts";

const RATE = 10n ** 12n * TOKEN;
const EVERY = { settleEvery: 1 };

describe("the provider service's orders and stake", () => {
  let platform: DeployedPlatform;
  let nodeId: bigint;
  let user: Actor;

  beforeEach(async () => {
    platform = await deployTestPlatform();
    nodeId = await platform.declare();
    await platform.attest(nodeId);
    user = await platform.user();
  });

  const open = async (config: object) =>
    openProviderStage(platform, { config: { ...config }, nodes: [nodeId] }, (parts) => [
      new OrderDuty(parts),
      new StakeDuty(parts),
    ]);

  /** Looks anew, a while later by the chain's clock. */
  async function later(stage: Awaited<ReturnType<typeof open>>): Promise<void> {
    await platform.travelTo((await platform.now()) + 61);
    await platform.connection.networkHelpers.mine();
    await stage.step();
  }

  async function request(
    ratePerSecond: bigint,
    { stakeLock = 0n, deposit = 100_000n * TOKEN }: { readonly stakeLock?: bigint; readonly deposit?: bigint } = {},
  ): Promise<bigint> {
    const { orderEscrow } = platform.protocol;
    const acceptBy = (await platform.now()) + 50_000;
    const { mrEnclave } = simulatedEnclave();
    const wanted = {
      ...{ nodeId, units: 1, ratePerSecond, stakeLock, mrEnclave, enclaveKey: platform.enclave.address },
      ...{ modelId: 1, onChainOnly: false, acceptBy },
    };
    await orderEscrow.connect(user).request(wanted, deposit);
    return orderEscrow.orderCount();
  }

  const statusOf = async (orderId: bigint): Promise<bigint> =>
    (await platform.protocol.orderEscrow.statusOf(orderId))[0];

  it("accepts a request that the policy takes, refuses another, and does so once", async () => {
    const stage = await open({ orders: { accept: { minUnitPrice: "1" } } });
    const good = await request(RATE);
    const bad = await request(1n);
    await later(stage);
    await later(stage);
    expect(stage.failures).to.deep.equal([]);
    expect([await statusOf(good), await statusOf(bad)]).to.deep.equal([2n, 1n]);
    expect(stage.sent).to.have.length(1);
    await stage.close();
  });

  it("accepts nothing without a policy", async () => {
    const stage = await open({});
    const order = await request(RATE);
    await later(stage);
    expect(await statusOf(order)).to.equal(1n);
    await stage.close();
  });

  it("settles what was proven and withdraws it to the configured address, again and again", async () => {
    const to = `0x${id("receiver").slice(26)}`;
    const orders = { ...EVERY, accept: { minUnitPrice: "1" }, withdraw: { above: "1", to } };
    const stage = await open({ orders });
    await request(RATE);
    await later(stage);
    const balances: bigint[] = [];
    for (let round = 0; round < 2; round++) {
      await platform.nextEpoch();
      await platform.connection.networkHelpers.mine();
      await platform.issue();
      await platform.prove(nodeId);
      await platform.nextEpoch();
      await platform.connection.networkHelpers.mine();
      for (let i = 0; i < 3; i++) await later(stage);
      balances.push(await platform.protocol.token.balanceOf(to));
    }
    expect(stage.failures).to.deep.equal([]);
    const [first = 0n, second = 0n] = balances;
    expect(first > 0n && second > first).to.equal(true);
    const keys = stage.sent.map(({ intention }) => intention.key);
    expect(new Set(keys).size).to.equal(keys.length);
    expect(stage.sent.every(({ outcome }) => outcome.kind === "mined")).to.equal(true);
    await stage.close();
  });

  it("closes a dry order that nobody tops up, and frees the stake that it has left idle", async () => {
    const { orderEscrow } = platform.protocol;
    const orders = { ...EVERY, accept: { minUnitPrice: "1", maxStakeLockPerUnit: "50" }, closeDryAfter: 7_200 };
    const stage = await open({ orders: { ...orders, releaseAbove: "10" } });
    const order = await request(RATE, { stakeLock: 20n * TOKEN, deposit: 7_200n * TOKEN });
    await later(stage);
    expect(await statusOf(order)).to.equal(2n);
    // What proofs have paid for uses the deposit up, and leaves the lock with the node.
    for (let i = 0; i < 3; i++) {
      await platform.nextEpoch();
      await platform.connection.networkHelpers.mine();
      await platform.issue();
      await platform.prove(nodeId);
      await later(stage);
    }
    for (let i = 0; i < 2; i++) await later(stage);
    expect(stage.sent.map(({ intention }) => intention.purpose)).to.include("free stake that no order needs");
    const closed = `close order ${order.toString()}`;
    const isClosed = (): boolean => stage.sent.some(({ intention }) => intention.purpose === closed);
    for (let i = 0; i < 4 && !isClosed(); i++) {
      await platform.nextEpoch();
      await later(stage);
    }
    expect(isClosed()).to.equal(true);
    expect([4n, 5n]).to.include(await statusOf(order));
    expect(await orderEscrow.idleLockOf(nodeId)).to.equal(0n);
    expect(stage.failures).to.deep.equal([]);
    expect(stage.sent.every(({ outcome }) => outcome.kind === "mined")).to.equal(true);
    await stage.close();
  });

  it("tops stake up to the limit and never beyond it", async () => {
    const { stakeVault, token } = platform.protocol;
    const address = platform.provider.address;
    const free = await stakeVault.freeStakeOf(address);
    await stakeVault.connect(platform.provider).withdraw(free - 100n * TOKEN, address);
    const topUp = { below: "500", to: "800", max: "1000" };
    const stage = await open({ orders: { settle: false }, stake: { topUp } });
    const before = await token.balanceOf(address);
    for (let round = 0; round < 4; round++) {
      await later(stage);
      const now = await stakeVault.freeStakeOf(address);
      if (now > 0n) await stakeVault.connect(platform.provider).withdraw(now, `0x${id("elsewhere").slice(26)}`);
    }
    expect(stage.failures).to.deep.equal([]);
    expect(before - (await token.balanceOf(address))).to.equal(1_000n * TOKEN);
    await stage.close();
  });

  it("goes on with a top-up that was begun before by its own amount", async () => {
    const { stakeVault, token } = platform.protocol;
    const address = platform.provider.address;
    const free = await stakeVault.freeStakeOf(address);
    await stakeVault.connect(platform.provider).withdraw(free - 100n * TOKEN, address);
    const stage = await open({ stake: { topUp: { below: "500", to: "800", max: "1000" } } });
    new TopUps(stage.parts.database).begin("top-up 1", 30n * TOKEN, 0);
    const before = await token.balanceOf(address);
    await later(stage);
    expect(stage.failures).to.deep.equal([]);
    expect(before - (await token.balanceOf(address))).to.equal(30n * TOKEN);
    await later(stage);
    expect(await stakeVault.freeStakeOf(address)).to.equal(800n * TOKEN);
    await stage.close();
  });

  it("puts in what there is where an account has less by then than a top-up was begun with", async () => {
    const { stakeVault, token } = platform.protocol;
    const { address } = platform.provider;
    const free = await stakeVault.freeStakeOf(address);
    await stakeVault.connect(platform.provider).withdraw(free - 100n * TOKEN, address);
    const has = await token.balanceOf(address);
    await token.connect(platform.provider).transfer(`0x${id("elsewhere").slice(26)}`, has - 40n * TOKEN);
    const stage = await open({ stake: { topUp: { below: "500", to: "800", max: "1000" } } });
    new TopUps(stage.parts.database).begin("top-up 1", 300n * TOKEN, 0);
    await later(stage);
    expect(stage.failures.map(({ key }) => key)).to.deep.equal(["top-up 1"]);
    await stage.tick(7_200_000);
    await later(stage);
    expect(stage.failures).to.have.length(1);
    expect(await stakeVault.freeStakeOf(address)).to.equal(140n * TOKEN);
    await stage.close();
  });
});
