import { expect } from "chai";
import { id } from "ethers";

import { Lifecycle } from "../../../../src/gateway/deployments/lifecycle.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
import { sha256Of, Workshop } from "../../../fixtures/gateway/deployments/workshop.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";

const A = "https://host.example/a.yaml";
const MINUTE = 60_000;
const DAY = 86_400_000;
const OVER = { isLive: false, status: "Stopped", reason: "Depleted", runway: 0 } as const;

describe("an application's life", () => {
  let shop: Workshop;
  let life: Lifecycle;
  let deployment: number;
  const name = { order: 7, terms: termsOf("order 7") };

  beforeEach(async () => {
    shop = new Workshop();
    life = new Lifecycle(shop.machine, { grace: { running: 600, volumes: 7 * 86_400 } });
    shop.chain.set(7);
    shop.start();
    deployment = (await shop.deploy(7, A)).id;
    await shop.reach(deployment, "ready");
    await life.once();
  });
  afterEach(async () => {
    await shop.stop();
  });

  /** What has really changed in the engine since the application was deployed. */
  const changes = (): readonly string[] => shop.orchestrator.changes.slice(1);
  const phase = (): string | undefined => shop.machine.hosting.find(name)?.phase;
  const warnings = (): string[] => shop.reasons(7).slice(2);

  /** Looks after some time. */
  async function after(milliseconds: number): Promise<void> {
    shop.advance(milliseconds);
    await life.once();
  }

  it("goes on as long as its order streams", async () => {
    for (let day = 0; day < 30; day++) await after(DAY);
    expect(changes()).to.deep.equal([]);
    expect(warnings()).to.deep.equal([]);
  });

  it("is warned of, scaled to zero after the first grace and removed after the second", async () => {
    shop.chain.set(7, OVER);
    await after(0);
    expect([phase(), warnings(), changes()]).to.deep.equal(["ending", ["OrderEnded"], []]);
    await after(10 * MINUTE - 1);
    expect([phase(), changes()]).to.deep.equal(["ending", []]);
    await after(1);
    expect([phase(), changes()]).to.deep.equal(["stopped", ["stop 7"]]);
    await after(7 * DAY - 10 * MINUTE - 1);
    expect([phase(), changes()]).to.deep.equal(["stopped", ["stop 7"]]);
    await after(1);
    expect([phase(), changes()]).to.deep.equal(["removed", ["stop 7", "remove 7"]]);
    expect(warnings()).to.deep.equal(["OrderEnded", "Stopped", "OrderRemoved"]);
    expect(shop.state(deployment)).to.equal("removed");
    await after(DAY);
    expect(changes()).to.have.length(2);
  });

  it("is started again from the stored manifest when the order streams again", async () => {
    shop.chain.set(7, OVER);
    await after(0);
    await after(10 * MINUTE);
    shop.chain.set(7, { deposited: 2000n, runway: 1500 });
    await after(MINUTE);
    await shop.reach(deployment, "ready");
    expect(phase()).to.equal("running");
    expect(changes()).to.deep.equal(["stop 7", `apply 7 ${sha256Of(A)}`]);
    expect(shop.orchestrator.running(7)?.isStopped).to.equal(false);
    expect(warnings().slice(2)).to.deep.equal(["OrderRevived", "Ready"]);
    // The next end has a whole grace of its own.
    shop.chain.set(7, OVER);
    await after(0);
    expect(phase()).to.equal("ending");
  });

  it("runs on untouched when the order streams again within the first grace", async () => {
    shop.chain.set(7, OVER);
    await after(0);
    shop.chain.set(7);
    await after(9 * MINUTE);
    await after(9 * MINUTE);
    expect([phase(), changes()]).to.deep.equal(["running", []]);
  });

  it("holds back what was asked for while it was stopped, until the order streams", async () => {
    shop.chain.set(7, OVER);
    await after(0);
    await after(10 * MINUTE);
    // The newest block has the top-up already, the final one not yet.
    shop.chain.setNewest(7, { deposited: 2000n });
    const next = await shop.deploy(7, "https://host.example/b.yaml");
    shop.advance(MINUTE);
    await life.once();
    expect(shop.state(next.id)).to.equal("queued");
    shop.chain.settle(7);
    await after(MINUTE);
    await shop.reach(next.id, "ready");
  });

  describe("in doubt", () => {
    const everything = [MINUTE, 20 * MINUTE, DAY, 30 * DAY];

    it("stays as it is while the chain cannot be read, however long", async () => {
      shop.chain.set(7, OVER);
      shop.chain.isReachable = false;
      for (const time of everything) await after(time);
      expect([phase(), changes(), warnings()]).to.deep.equal(["running", [], []]);
    });

    it("is not stopped when the chain cannot be read at the end of the grace", async () => {
      shop.chain.set(7, OVER);
      await after(0);
      shop.chain.isReachable = false;
      for (const time of everything) await after(time);
      expect([phase(), changes()]).to.deep.equal(["ending", []]);
    });

    it("stays when only the newest block says that the order is over", async () => {
      shop.chain.setNewest(7, OVER);
      for (const time of everything) await after(time);
      expect([phase(), changes(), warnings()]).to.deep.equal(["running", [], []]);
    });

    it("stays when the final reading says that the order is over and the newest block that it streams", async () => {
      shop.chain.set(7, OVER);
      shop.chain.setNewest(7);
      for (const time of everything) await after(time);
      expect([phase(), changes(), warnings()]).to.deep.equal(["running", [], []]);
    });

    it("stays when a final reading is older than one before", async () => {
      shop.chain.set(7);
      await after(0);
      const block = { number: 1, hash: id("stale"), time: 1_600_000_000 };
      shop.chain.set(7, { ...OVER, block });
      for (const time of everything) await after(time);
      expect([phase(), changes()]).to.deep.equal(["running", []]);
    });

    it("stays while the order is not final yet", async () => {
      shop.chain.setNewest(8);
      const fresh = await shop.deploy(8, A);
      await shop.reach(fresh.id, "ready");
      for (const time of everything) await after(time);
      expect(shop.machine.hosting.present(8)?.phase).to.equal("running");
      expect(changes()).to.deep.equal([`apply 8 ${sha256Of(A)}`]);
    });
  });

  describe("after a reorganisation", () => {
    it("goes on when the order is back within a quarter of an hour", async () => {
      shop.chain.unsetNewest(7);
      shop.chain.settle(7);
      await after(0);
      expect(phase()).to.equal("ending");
      await after(14 * MINUTE);
      shop.chain.set(7);
      await after(MINUTE);
      expect([phase(), changes()]).to.deep.equal(["running", []]);
    });

    it("ends as others do when the order is gone for good", async () => {
      shop.chain.unsetNewest(7);
      shop.chain.settle(7);
      await after(0);
      await after(14 * MINUTE);
      expect(changes()).to.deep.equal([]);
      await after(MINUTE);
      await after(7 * DAY);
      expect([phase(), changes()]).to.deep.equal(["removed", ["stop 7", "remove 7"]]);
    });

    it("makes room for another order with its number, which sees nothing of it", async () => {
      const terms = id("another order");
      shop.chain.setNewest(7, { termsHash: terms });
      const asked = shop.request(7, A, { terms });
      let refused: unknown;
      try {
        await shop.send(asked);
      } catch (error) {
        refused = error;
      }
      expect(refused).to.have.property("code", "order-number-taken");
      // What runs there is not its own, whatever the chain's newest block says of the number.
      expect(() => {
        shop.machine.hosting.requireOwn({ order: 7, terms });
      }).to.throw(Problem).with.property("code", "order-number-taken");
      shop.machine.hosting.requireOwn(name);
      await after(DAY);
      expect(changes()).to.deep.equal([]);
      shop.chain.settle(7);
      await after(0);
      expect(changes()).to.deep.equal(["remove 7"]);
      const { deployment: next } = await shop.send(shop.request(7, A, { terms }));
      await shop.reach(next.id, "ready");
      expect(shop.machine.events.after({ order: 7, terms }, 0, 100).map(({ reason }) => reason)).to.deep.equal([
        "DeploymentRequested",
        "Ready",
      ]);
    });
  });

  it("looks again and again until it is told to stop, whatever fails", async () => {
    const stop = new AbortController();
    const often = new Lifecycle(shop.machine, { grace: { running: 0, volumes: 0 }, interval: 1 });
    shop.orchestrator.fail("list", new Error("broken"), 3);
    shop.chain.isReachable = false;
    await Promise.all([
      often.run(stop.signal),
      (async () => {
        const before = shop.chain.reads;
        await until("it has looked often", () => shop.chain.reads > before + 5);
        shop.chain.isReachable = true;
        shop.chain.set(7, OVER);
        await until("it has removed the application", () => phase() === "removed");
        stop.abort();
      })(),
    ]);
    expect(changes()).to.deep.equal(["stop 7", "remove 7"]);
  });
});
