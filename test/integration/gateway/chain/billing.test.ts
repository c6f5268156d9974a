import { expect } from "chai";

import { batchedReads } from "../../../../src/chain/batch.ts";
import { readBilling, type Billing } from "../../../../src/gateway/chain/billing.ts";
import { connectProtocol } from "../../../../src/protocol.ts";
import { deployTestPlatform, TOKEN, type DeployedPlatform } from "../../../fixtures/deployedPlatform.ts";

/** Base units a second that an order costs here, and the rate that this is. */
const COST = TOKEN;
const RATE = COST * 10n ** 12n;

describe("What an order costs", () => {
  let deployed: DeployedPlatform;
  let order: number;
  let openedAt: number;

  /** What the chain says at its newest block. */
  async function billing(id = order): Promise<Billing | undefined> {
    const { provider } = deployed.connection.ethers;
    const { number, hash, timestamp } = (await provider.getBlock("latest"))!;
    const protocol = connectProtocol(deployed.book, batchedReads(provider));
    return readBilling(protocol, id, { number, hash: hash!, time: timestamp });
  }

  before(async () => {
    deployed = await deployTestPlatform();
    const { protocol, epochLength } = deployed;
    const node = await deployed.declare();
    await deployed.attest(node);
    await deployed.nextEpoch();
    const user = await deployed.user();
    const { offer, signature } = await deployed.offerOf(node, { ratePerSecond: RATE });
    await protocol.orderEscrow.connect(user).open(offer, signature, COST * BigInt(4 * epochLength), false);
    openedAt = await deployed.now();
    order = Number(await protocol.orderEscrow.orderCount());
  });

  it("is known from the beginning: nothing paid, all of it undecided or surplus", async () => {
    const { epochLength } = deployed;
    const found = await billing();
    expect(found).to.deep.include({
      order,
      status: "Active",
      reason: "None",
      ratePerSecond: RATE,
      paid: 0n,
      paidSeconds: 0,
    });
    expect(found).to.deep.include({ accrued: 0n, provenSeconds: 0, deposited: COST * BigInt(4 * epochLength) });
    expect(found?.undecided).to.equal(COST * BigInt((await deployed.now()) - openedAt));
    expect(found?.surplus).to.equal(found!.deposited - found!.undecided);
    expect(found?.depletionTime).to.equal(found!.block.time + found!.runway);
  });

  it("counts proven seconds before and after they are settled, and no others", async () => {
    const { protocol, epochLength } = deployed;
    const end = (Math.floor(openedAt / epochLength) + 1) * epochLength;
    await deployed.issue();
    await deployed.prove(1n);
    await deployed.nextEpoch();
    const seconds = end - openedAt;
    const before = await billing();
    expect(before).to.deep.include({
      paid: 0n,
      paidSeconds: 0,
      accrued: COST * BigInt(seconds),
      provenSeconds: seconds,
    });
    await protocol.orderEscrow.settle(order, 0);
    const after = await billing();
    expect(after).to.deep.include({
      paid: COST * BigInt(seconds),
      paidSeconds: seconds,
      accrued: 0n,
      provenSeconds: seconds,
    });
    // An epoch that nobody proves costs nothing.
    await deployed.nextEpoch();
    const later = await billing();
    expect(later).to.deep.include({ accrued: 0n, provenSeconds: seconds });
  });

  it("is read at one block, and there is none of an order that does not exist", async () => {
    const { block } = (await billing())!;
    await deployed.nextEpoch();
    const { provider } = deployed.connection.ethers;
    const protocol = connectProtocol(deployed.book, batchedReads(provider));
    expect((await readBilling(protocol, order, block))?.depletionTime).to.equal(
      Number(await protocol.orderEscrow.depletionTimeOf(order, { blockTag: block.number })),
    );
    expect(await billing(order + 1)).to.equal(undefined);
  });
});
