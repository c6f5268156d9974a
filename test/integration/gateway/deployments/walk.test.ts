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
const OVER = { isLive: false, status: "Stopped", reason: "Depleted", runway: 0 } as const;

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

/** A gateway with some orders, and what may happen to it. */
class Walk {
  readonly shop = new Workshop();
  readonly life = new Lifecycle(this.shop.machine, { grace: { running: 600, volumes: 3_600 } });
  /** What each order's user has asked for last. */
  readonly wanted = new Map<number, string>();
  readonly #random = randomness(seed);
  #deposit = 1_000n;

  readonly #moves: readonly (() => unknown)[] = [
    () => this.#deploy(this.#pick(ORDERS), this.#pick(URLS)),
    () => this.#remove(this.#pick(ORDERS)),
    () => {
      this.revive(this.#pick(ORDERS));
    },
    () => {
      this.shop.chain.set(this.#pick(ORDERS), OVER);
    },
    () => {
      this.shop.chain.setNewest(this.#pick(ORDERS), OVER);
    },
    () => {
      this.shop.chain.isReachable = this.#random(3) > 0;
    },
    () => {
      const method = this.#pick(["apply", "status", "remove", "stop", "list"] as const);
      this.shop.orchestrator.fail(method, new OrchestratorError("unavailable", "no socket"), 1 + this.#random(3));
    },
    () => {
      this.shop.orchestrator.lose(this.#pick(ORDERS));
    },
    () => {
      this.shop.advance(this.#random(5 * MINUTE));
    },
    () => this.life.once(),
    () => new Promise((resolve) => setImmediate(resolve)),
  ];

  /** Has an order stream, by a top-up. */
  revive(order: number): void {
    this.#deposit += 1_000n;
    this.shop.chain.set(order, { deposited: this.#deposit, runway: 1_000 });
  }

  /** Does something at random. */
  async step(): Promise<void> {
    await this.#pick(this.#moves)();
    for (const order of this.wanted.keys()) {
      if (this.shop.machine.hosting.present(order) === undefined) this.wanted.delete(order);
    }
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#random(values.length)]!;
  }

  async #deploy(order: number, url: string): Promise<void> {
    if (await succeeds(() => this.shop.deploy(order, url))) this.wanted.set(order, url);
  }

  async #remove(order: number): Promise<void> {
    const name = { order, terms: termsOf(`order ${String(order)}`) };
    const keepVolumes = this.#random(2) === 0;
    if (await succeeds(() => removeApplication(this.shop.machine, name, keepVolumes))) this.wanted.delete(order);
  }
}

/** Does what may be refused, for the order's state or because something is out of order. */
async function succeeds(work: () => unknown): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    expect(error).to.be.instanceOf(Problem);
    return false;
  }
}

/** Checks that what runs of an order, and what is stored of it, is what its user has asked for last. */
function expectWanted({ shop, wanted }: Walk, order: number): void {
  const url = wanted.get(order);
  const running = shop.orchestrator.running(order);
  const what = `order ${String(order)} of seed ${String(seed)}`;
  if (url === undefined) expect([undefined, ""], what).to.include(running?.revision);
  else expect([running?.revision, running?.isStopped], what).to.deep.equal([sha256Of(url), false]);
  const ready = shop.database.all("SELECT url FROM deployment WHERE order_id = ? AND state = 'ready'", order);
  const urls = ready.map((row) => row["url"]);
  expect(urls, what).to.deep.equal(url === undefined ? [] : [url]);
}

describe("deployments of several orders", () => {
  it(`end as was asked last, whatever failed on the way (seed ${String(seed)})`, async () => {
    const walk = new Walk();
    const { shop, life } = walk;
    for (const order of ORDERS) walk.revive(order);
    shop.start();
    for (let step = 0; step < STEPS; step++) await walk.step();

    // All is well again: everything comes to its end.
    shop.orchestrator.heal();
    shop.chain.isReachable = true;
    for (const order of ORDERS) walk.revive(order);
    for (let i = 0; i < 3; i++) {
      await life.once();
      await until("nothing is left to do", () => {
        shop.advance(MINUTE);
        return shop.machine.deployments.work().length === 0;
      });
    }
    for (const order of ORDERS) expectWanted(walk, order);
    await shop.stop();
  });
});
