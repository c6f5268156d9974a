import { expect } from "chai";

import { deployTestPlatform, TOKEN, type DeployedPlatform } from "../../fixtures/deployedPlatform.ts";

/** More misses in a row than end an order. */
const EPOCHS = 4;

describe("An outage of the chain", () => {
  let deployed: DeployedPlatform;
  let orderId: bigint;
  let silent: bigint;
  let other: bigint;

  beforeEach(async () => {
    deployed = await deployTestPlatform();
    const { protocol, stake, account, user, declare, attest, nextEpoch, offerOf } = deployed;
    const rival = await account();
    await stake(rival, 10_000n * TOKEN, protocol.nodeRegistry);
    silent = await declare();
    await attest(silent);
    other = await declare(100, rival);
    await attest(other, rival);
    await nextEpoch();
    const { offer, signature } = await offerOf(silent);
    await protocol.orderEscrow.connect(await user()).open(offer, signature, 1_000_000n * TOKEN, false);
    orderId = await protocol.orderEscrow.orderCount();
  });

  afterEach(async () => {
    await deployed.connection.close();
  });

  /** Lets epochs pass whose challenges the order's node never answers. */
  async function pass(epochs: number, answers: boolean): Promise<void> {
    for (let i = 0; i < epochs; i++) {
      await deployed.nextEpoch();
      await deployed.issue();
      if (answers) await deployed.prove(other);
    }
    await deployed.nextEpoch();
    await deployed.protocol.orderEscrow.settle(orderId, 0);
  }

  it("is no fault: challenges that nobody answers cost no stake and end no order", async () => {
    const { stakeVault, orderEscrow } = deployed.protocol;
    await pass(EPOCHS, false);
    const { progress } = await orderEscrow.getOrder(orderId);
    expect([progress.missRun, progress.faults, progress.payableSeconds]).to.deep.equal([0n, 0n, 0n]);
    expect((await orderEscrow.statusOf(orderId)).reason).to.equal(0n);
    expect(await stakeVault.totalSlashed()).to.equal(0n);
  });

  it("neither forgives misses nor adds to them", async () => {
    const { orderEscrow } = deployed.protocol;
    await pass(1, true);
    await pass(EPOCHS, false);
    await pass(1, true);
    const { progress } = await orderEscrow.getOrder(orderId);
    expect([progress.missRun, progress.faults]).to.deep.equal([2n, 1n]);
  });

  it("is no excuse for a node that fails where another one answers", async () => {
    const { stakeVault, orderEscrow } = deployed.protocol;
    await pass(EPOCHS, true);
    const { progress } = await orderEscrow.getOrder(orderId);
    expect(progress.faults).to.equal(2n);
    expect(await stakeVault.totalSlashed()).to.equal(50n * TOKEN);
  });
});
