import { randomInt } from "node:crypto";

import { expect } from "chai";

import { auditGrants, auditMoney, auditTasks } from "../../fixtures/tasks/audit.ts";
import { closeAt, demandAtLast } from "../../fixtures/tasks/demandMoves.ts";
import { prepare } from "../../fixtures/tasks/grantMoves.ts";
import { cancelAt, expireAt, moves, pause, withdrawAt } from "../../fixtures/tasks/moves.ts";
import { TaskWalk } from "../../fixtures/tasks/walk.ts";

/** Set these to repeat a run, or to search deeper. */
const first = Number(process.env["TASK_MODEL_SEED"] ?? randomInt(2 ** 31));
const runs = Number(process.env["TASK_MODEL_RUNS"] ?? 1);
const STEPS = 350;
const HOUR = 3600;

/** A random move at a second soon, or some hours on. */
async function step(walk: TaskWalk): Promise<void> {
  const { random } = walk;
  const time = walk.clock + (random.chance(0.1) ? random.integer(HOUR, 6 * HOUR) : random.integer(1, HOUR / 3));
  let draw = random.unit() * moves.reduce((total, [, weight]) => total + weight, 0);
  const chosen = moves.find(([, weight]) => (draw -= weight) < 0) ?? moves[0]!;
  // A pause is short.
  await (walk.isPaused && random.chance(0.1) ? pause : chosen[0])(walk, time);
}

/** Whoever wants tasks to end of which nobody has said anything demands their results. */
async function leaveUndemanded(walk: TaskWalk): Promise<void> {
  const left = walk.tasks.filter(({ status }) => status === "Submitted");
  const demanded = walk.demanded.length;
  for (const task of left) await demandAtLast(walk, task);
  await walk.deployed.travelTo(walk.clock + 26 * HOUR);
  walk.clock = await walk.deployed.now();
  for (const task of left) await expireAt(walk, walk.clock + 1, "expire after a demand", task);
  for (const each of walk.demanded.slice(demanded)) await closeAt(walk, walk.clock + 1, each);
}

/** All deadlines pass: somebody demands what nobody has, a stranger ends every task, everybody is paid out, and gifts are all that is left. */
async function leave(walk: TaskWalk): Promise<void> {
  const { tasks, stranger, deployed } = walk;
  const { token, taskEscrow } = deployed.protocol;
  const latest = Math.max(...tasks.map(({ terms }) => terms.verdictBy));
  // Demands in the last second put an end off by a day and an hour.
  await deployed.travelTo(Math.max(latest, walk.clock) + 26 * HOUR);
  walk.clock = await deployed.now();
  for (const task of tasks) {
    const time = walk.clock + 1;
    if (task.status === "Published") await cancelAt(walk, time, "cancel at last", task, stranger);
    else if (task.status === "Accepted" || task.status === "Submitted")
      await expireAt(walk, time, "expire at last", task);
  }
  for (const each of walk.demanded) await closeAt(walk, walk.clock + 1, each);
  await leaveUndemanded(walk);
  for (const { id } of tasks) expect(await taskEscrow.escrowOf(id)).to.equal(0n);
  await auditMoney(walk);
  await auditTasks(walk);
  for (const account of walk.everybody) await withdrawAt(walk, walk.clock + 1, account);
  await auditMoney(walk);
  expect(await token.balanceOf(taskEscrow), "left in the escrow").to.equal(walk.donated);
}

async function walkOut(seed: number): Promise<TaskWalk> {
  const walk = await TaskWalk.begin(seed);
  await prepare(walk);
  for (let i = 1; i <= STEPS; i++) {
    await step(walk);
    await auditMoney(walk);
    await auditTasks(walk, -3);
    if (i % 20 === 0) {
      await auditTasks(walk);
      await auditGrants(walk);
    }
  }
  await leave(walk);
  return walk;
}

describe("Grants and tasks against an independent model", function () {
  this.timeout(180_000 * runs);

  for (let seed = first; seed < first + runs; seed++) {
    it(`agree in any interleaving of all callers (TASK_MODEL_SEED=${String(seed)})`, async () => {
      const walk = await walkOut(seed);
      const count = (what: string): number => walk.tally.get(what)?.done ?? 0;
      expect(count("publish")).to.be.at.least(10);
      expect(count("accept")).to.be.at.least(4);
      expect(count("submit")).to.be.at.least(1);
      const carried = walk.tally.get("accept from another branch");
      expect(carried?.refused ?? 0, "carried over").to.be.at.least(1);
    });
  }
});
