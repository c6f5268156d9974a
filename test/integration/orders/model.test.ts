import { randomInt } from "node:crypto";

import { expect } from "chai";

import { auditEpochs, auditLedger, auditOrder, auditSettled } from "../../fixtures/orders/audit.ts";
import { collectAt, withdrawAt, withdrawEarningsAt } from "../../fixtures/orders/payoutMoves.ts";
import { OrderWalk } from "../../fixtures/orders/walk.ts";
import { GAS } from "../../fixtures/randomWalk.ts";
import { OrderSchedule } from "../../fixtures/orders/schedule.ts";

/** Set these to repeat a run, or to search deeper. */
const first = Number(process.env["ORDER_MODEL_SEED"] ?? randomInt(2 ** 31));
const runs = Number(process.env["ORDER_MODEL_RUNS"] ?? 3);
const STEPS = 600;

/** Everybody leaves: nothing is stranded, and nothing but fees is left over. */
async function leave(walk: OrderWalk): Promise<void> {
  const { token, orderEscrow, validatorRewards } = walk.deployed.protocol;
  for (const { id, user, model, termsHash } of walk.orders) {
    const time = walk.clock + 1;
    const { status } = (await orderEscrow.getOrder(id)).progress;
    if (status > 3n) continue;
    const deed = model.closing(time, "user");
    await walk.doAt(time, "close by user", undefined, async () => orderEscrow.connect(user).close(id, termsHash, GAS));
    if (typeof deed === "object") model.note(deed);
  }
  await walk.deployed.travelTo(walk.epochs.endOf(walk.epochs.epochOf(walk.clock)) + 1);
  walk.clock = await walk.deployed.now();
  await auditSettled(walk);
  for (const order of walk.orders) {
    expect(order.model.standingAt(walk.clock).closed).to.equal(true);
    await auditOrder(walk, order);
  }
  for (const user of walk.users) await withdrawAt(walk, walk.clock + 1, user);
  for (const node of walk.nodes) await withdrawEarningsAt(walk, walk.clock + 1, node);
  const fees = await Promise.all(walk.nodes.map(async ({ model }) => (await orderEscrow.earningsOf(model.id)).fees));
  expect(await token.balanceOf(orderEscrow)).to.equal(fees.reduce((sum, each) => sum + each, 0n));
  await collectAt(walk, walk.clock + 1);
  expect(await token.balanceOf(orderEscrow)).to.equal(0n);
  expect(await token.balanceOf(validatorRewards)).to.equal(walk.collected);
}

/** Plays a seed to its end. */
async function walkOut(seed: number): Promise<OrderWalk> {
  const walk = await OrderWalk.begin(seed);
  const [schedule, begun] = [new OrderSchedule(walk), walk.clock];
  for (let step = 1; step <= STEPS; step++) {
    await schedule.step();
    const order = walk.orders.at(-(step % 8) - 1);
    if (order !== undefined) await auditOrder(walk, order);
    if (step % 10 === 0) await auditLedger(walk);
    if (step % 60 === 0) {
      await Promise.all(walk.orders.map(async (each) => auditOrder(walk, each)));
      await auditSettled(walk);
      await auditEpochs(walk, begun);
    }
  }
  await leave(walk);
  await auditEpochs(walk, begun);
  return walk;
}

describe("Orders and epochs against an independent model", function () {
  this.timeout(180_000 * runs);

  for (let seed = first; seed < first + runs; seed++) {
    it(`agree in any interleaving of all callers (ORDER_MODEL_SEED=${String(seed)})`, async () => {
      const walk = await walkOut(seed);
      // Few seeds open fewer than ten.
      expect(walk.orders.length).to.be.at.least(5);
      const done = [...walk.tally.values()].reduce((total, score) => total + score.done, 0);
      expect(done).to.be.at.least((STEPS * 2) / 5);
    });
  }
});
