import { randomInt } from "node:crypto";

import { expect } from "chai";

import { auditEpochs, auditLedger, auditOrder, auditSettled } from "../fixtures/orderAudit.ts";
import { collectAt, withdrawAt, withdrawEarningsAt } from "../fixtures/orderMoves.ts";
import { OrderPlay } from "../fixtures/orderPlay.ts";
import { GAS } from "../fixtures/play.ts";
import { OrderSchedule } from "../fixtures/orderSchedule.ts";

/** Set these to repeat a run, or to search deeper. */
const first = Number(process.env["ORDER_MODEL_SEED"] ?? randomInt(2 ** 31));
const runs = Number(process.env["ORDER_MODEL_RUNS"] ?? 3);
const STEPS = 600;

/** Everybody leaves: nothing is stranded, and nothing but fees is left over. */
async function leave(play: OrderPlay): Promise<void> {
  const { token, orderEscrow, validatorRewards } = play.world.protocol;
  for (const { id, user, model } of play.orders) {
    const time = play.clock + 1;
    const { status } = (await orderEscrow.getOrder(id)).progress;
    if (status > 3n) continue;
    const deed = model.closing(time, "user");
    await play.doAt(time, "close by user", undefined, async () => orderEscrow.connect(user).close(id, GAS));
    if (typeof deed === "object") model.note(deed);
  }
  await play.world.travelTo(play.epochs.endOf(play.epochs.epochOf(play.clock)) + 1);
  play.clock = await play.world.now();
  await auditSettled(play);
  for (const order of play.orders) {
    expect(order.model.standingAt(play.clock).closed).to.equal(true);
    await auditOrder(play, order);
  }
  for (const user of play.users) await withdrawAt(play, play.clock + 1, user);
  for (const node of play.nodes) await withdrawEarningsAt(play, play.clock + 1, node);
  const fees = await Promise.all(play.nodes.map(async ({ model }) => (await orderEscrow.earningsOf(model.id)).fees));
  expect(await token.balanceOf(orderEscrow)).to.equal(fees.reduce((sum, each) => sum + each, 0n));
  await collectAt(play, play.clock + 1);
  expect(await token.balanceOf(orderEscrow)).to.equal(0n);
  expect(await token.balanceOf(validatorRewards)).to.equal(play.collected);
}

/** Plays a seed to its end. */
async function playOut(seed: number): Promise<OrderPlay> {
  const play = await OrderPlay.begin(seed);
  const [schedule, begun] = [new OrderSchedule(play), play.clock];
  for (let step = 1; step <= STEPS; step++) {
    await schedule.step();
    const order = play.orders.at(-(step % 8) - 1);
    if (order !== undefined) await auditOrder(play, order);
    if (step % 10 === 0) await auditLedger(play);
    if (step % 60 === 0) {
      for (const each of play.orders) await auditOrder(play, each);
      await auditSettled(play);
      await auditEpochs(play, begun);
    }
  }
  await leave(play);
  await auditEpochs(play, begun);
  return play;
}

describe("Orders and epochs against an independent model", function () {
  this.timeout(180_000 * runs);

  for (let seed = first; seed < first + runs; seed++) {
    it(`agree in any interleaving of all callers (ORDER_MODEL_SEED=${String(seed)})`, async () => {
      const play = await playOut(seed);
      expect(play.orders.length).to.be.at.least(10);
      const done = [...play.tally.values()].reduce((total, score) => total + score.done, 0);
      expect(done).to.be.at.least(STEPS / 2);
    });
  }
});
