import { randomInt } from "node:crypto";

import { expect } from "chai";

import { auditGrants, auditMoney, auditTasks } from "../fixtures/taskAudit.ts";
import { prepare } from "../fixtures/grantMoves.ts";
import { moves, pause, withdrawAt } from "../fixtures/taskMoves.ts";
import { TaskPlay } from "../fixtures/taskPlay.ts";
import { GAS } from "../fixtures/play.ts";

/** Set these to repeat a run, or to search deeper. */
const first = Number(process.env["TASK_MODEL_SEED"] ?? randomInt(2 ** 31));
const runs = Number(process.env["TASK_MODEL_RUNS"] ?? 1);
const STEPS = 350;
const HOUR = 3600;

/** A random move at a second soon, or some hours on. */
async function step(play: TaskPlay): Promise<void> {
  const { random } = play;
  const time = play.clock + (random.chance(0.1) ? random.integer(HOUR, 6 * HOUR) : random.integer(1, HOUR / 3));
  let draw = random.unit() * moves.reduce((total, [, weight]) => total + weight, 0);
  const chosen = moves.find(([, weight]) => (draw -= weight) < 0) ?? moves[0]!;
  // A pause is short.
  await (play.model.paused && random.chance(0.1) ? pause : chosen[0])(play, time);
}

/** All deadlines pass: a stranger ends every task, everybody is paid out, and gifts are all that is left. */
async function leave(play: TaskPlay): Promise<void> {
  const { model, stranger, world } = play;
  const escrow = world.protocol.taskEscrow.connect(stranger);
  const latest = Math.max(...model.tasks.map(({ terms }) => terms.verdictBy));
  await world.travelTo(Math.max(latest, play.clock) + 1);
  play.clock = await world.now();
  for (const task of model.tasks) {
    const time = play.clock + 1;
    if (task.status === "Published") {
      const reasons = model.cancel(time, stranger.address, task);
      await play.doAt(time, "cancel at last", reasons, async () => escrow.cancel(task.id, GAS));
    } else if (task.status === "Accepted" || task.status === "Submitted") {
      const reasons = model.expire(time, task);
      await play.doAt(time, "expire at last", reasons, async () => escrow.expire(task.id, GAS));
    }
  }
  for (const task of model.tasks) expect(model.escrowOf(task)).to.equal(0n);
  await auditMoney(play);
  await auditTasks(play);
  for (const account of play.everybody) await withdrawAt(play, play.clock + 1, account);
  expect(await world.protocol.token.balanceOf(escrow), "left in the escrow").to.equal(play.donated);
}

async function playOut(seed: number): Promise<TaskPlay> {
  const play = await TaskPlay.begin(seed);
  await prepare(play);
  for (let i = 1; i <= STEPS; i++) {
    await step(play);
    await auditMoney(play);
    await auditTasks(play, -3);
    if (i % 20 === 0) {
      await auditTasks(play);
      await auditGrants(play);
    }
  }
  await leave(play);
  return play;
}

describe("Grants and tasks against an independent model", function () {
  this.timeout(180_000 * runs);

  for (let seed = first; seed < first + runs; seed++) {
    it(`agree in any interleaving of all callers (TASK_MODEL_SEED=${String(seed)})`, async () => {
      const play = await playOut(seed);
      const count = (what: string): number => play.tally.get(what)?.done ?? 0;
      expect(count("publish")).to.be.at.least(10);
      expect(count("accept")).to.be.at.least(4);
      expect(count("submit")).to.be.at.least(1);
    });
  }
});
