import { randomInt } from "node:crypto";

import { expect } from "chai";

import { Lifecycle } from "../../../../src/gateway/deployments/lifecycle.ts";
import { removeApplication } from "../../../../src/gateway/deployments/requests.ts";
import { OrchestratorError } from "../../../../src/gateway/orchestrator/orchestrator.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
import { sha256Of, Workshop } from "../../../fixtures/gateway/deployments/workshop.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";

/** Set this to repeat a run. */
const seed = Number(process.env["DEPLOYMENT_WALK_SEED"] ?? randomInt(2 ** 31));
const ORDERS = [1, 2, 3, 4];
const URLS = ["a", "b", "c"].map((name) => `https://host.example/${name}.yaml`);
const STEPS = 400;
const MINUTE = 60_000;

/** Numbers that follow from a seed (mulberry32). */
function randomness(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

describe("deployments of several orders", () => {
  it(`end as was asked last, whatever failed on the way (seed ${String(seed)})`, async () => {
    const random = randomness(seed);
    const shop = new Workshop();
    const { machine, orchestrator, chain } = shop;
    const life = new Lifecycle(machine, { grace: { running: 600, volumes: 3_600 } });
    /** What each order's user has asked for last. */
    const wanted = new Map<number, string>();
    let deposit = 1_000n;
    const pick = <T>(values: readonly T[]): T => values[random(values.length)]!;
    const live = (order: number): void => {
      deposit += 1_000n;
      chain.set(order, { deposited: deposit, runway: 1_000 });
    };
    ORDERS.forEach(live);
    shop.start();

    /** What may be refused, for the order's state or a failure that a test has made. */
    const perhaps = async (work: () => unknown): Promise<boolean> => {
      try {
        await work();
        return true;
      } catch (error) {
        expect(error).to.be.instanceOf(Problem);
        return false;
      }
    };
    const moves: readonly (() => Promise<void>)[] = [
      async () => {
        const [order, url] = [pick(ORDERS), pick(URLS)];
        if (await perhaps(() => shop.deploy(order, url))) wanted.set(order, url);
      },
      async () => {
        const order = pick(ORDERS);
        const name = { order, terms: termsOf(`order ${String(order)}`) };
        if (await perhaps(() => removeApplication(machine, name, random(2) === 0))) wanted.delete(order);
      },
      async () => Promise.resolve(live(pick(ORDERS))),
      async () => Promise.resolve(chain.set(pick(ORDERS), { isLive: false, status: "Stopped", runway: 0 })),
      async () => Promise.resolve(chain.setNewest(pick(ORDERS), { isLive: false, status: "Stopped", runway: 0 })),
      async () => Promise.resolve(void (chain.isReachable = random(3) > 0)),
      async () => {
        const method = pick(["apply", "status", "remove", "stop", "list"] as const);
        orchestrator.fail(method, new OrchestratorError("unavailable", "no socket"), 1 + random(3));
        return Promise.resolve();
      },
      async () => Promise.resolve(orchestrator.lose(pick(ORDERS))),
      async () => Promise.resolve(shop.advance(random(5 * MINUTE))),
      async () => life.once(),
      async () => new Promise((resolve) => setImmediate(resolve)),
    ];
    for (let step = 0; step < STEPS; step++) {
      await pick(moves)();
      for (const order of wanted.keys()) if (machine.hosting.present(order) === undefined) wanted.delete(order);
    }

    // All is well again: everything comes to its end.
    orchestrator.heal();
    chain.isReachable = true;
    ORDERS.forEach(live);
    for (let i = 0; i < 3; i++) {
      await life.once();
      await until("nothing is left to do", () => {
        shop.advance(MINUTE);
        return machine.deployments.work().length === 0;
      });
    }
    for (const order of ORDERS) {
      const url = wanted.get(order);
      const running = orchestrator.running(order);
      const what = `order ${String(order)} of seed ${String(seed)}`;
      if (url === undefined) expect([undefined, ""], what).to.include(running?.revision);
      else expect([running?.revision, running?.isStopped], what).to.deep.equal([sha256Of(url), false]);
      const ready = shop.database.all("SELECT url FROM deployment WHERE order_id = ? AND state = 'ready'", order);
      expect(ready.map((row) => row["url"]), what).to.deep.equal(url === undefined ? [] : [url]);
    }
    await shop.stop();
  }).timeout(60_000);
});
