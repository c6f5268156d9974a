import { expect } from "chai";

import { Lifecycle } from "../../../../src/gateway/deployments/lifecycle.ts";
import { OrchestratorError } from "../../../../src/gateway/orchestrator/orchestrator.ts";
import { sha256Of, Workshop } from "../../../fixtures/gateway/deployments/workshop.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";

const A = "https://host.example/a.yaml";
const MINUTE = 60_000;
const DAY = 86_400_000;
const OVER = { isLive: false, status: "Stopped", reason: "Depleted", runway: 0 } as const;

describe("the lifecycle's watch", () => {
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

  describe("over the runway", () => {
    const low = (): number => warnings().filter((reason) => reason === "RunwayLow").length;

    it("warns at 20 and at 5 percent, once each, and again after a top-up", async () => {
      for (const [runway, expected] of [
        [500, 0],
        [201, 0],
        [200, 1],
        [150, 1],
        [51, 1],
        [50, 2],
        [10, 2],
      ] as const) {
        shop.chain.set(7, { runway });
        await after(MINUTE);
        await after(MINUTE);
        expect(low(), `runway ${String(runway)}`).to.equal(expected);
      }
      shop.chain.set(7, { runway: 400, deposited: 1400n });
      await after(MINUTE);
      expect(low()).to.equal(2);
      shop.chain.set(7, { runway: 81, deposited: 1400n });
      await after(MINUTE);
      expect(low()).to.equal(2);
      shop.chain.set(7, { runway: 80, deposited: 1400n });
      await after(MINUTE);
      expect(low()).to.equal(3);
      shop.chain.set(7, { runway: 20, deposited: 1400n });
      await after(MINUTE);
      expect(low()).to.equal(4);
    });

    it("warns once when both thresholds are passed at once", async () => {
      shop.chain.set(7, { runway: 1 });
      await after(MINUTE);
      expect(low()).to.equal(1);
    });

    it("does not warn because of the newest block alone", async () => {
      shop.chain.setNewest(7, { runway: 1 });
      await after(MINUTE);
      expect(low()).to.equal(0);
    });
  });

  describe("over what runs", () => {
    it("starts an application again that the engine has lost", async () => {
      shop.orchestrator.lose(7);
      await life.once();
      await shop.reach(deployment, "ready");
      expect(changes()).to.deep.equal([`apply 7 ${sha256Of(A)}`]);
      expect(warnings()).to.deep.equal(["Restored", "Ready"]);
    });

    it("changes nothing when the engine cannot be asked", async () => {
      shop.orchestrator.fail("list", new OrchestratorError("unavailable", "no socket"));
      await life.once();
      expect(changes()).to.deep.equal([]);
    });

    it("stops an application as soon as the engine can be asked again", async () => {
      shop.chain.set(7, OVER);
      await after(0);
      shop.orchestrator.fail("stop", new OrchestratorError("unavailable", "no socket"));
      await after(10 * MINUTE);
      expect(phase()).to.equal("ending");
      await after(MINUTE);
      expect([phase(), changes()]).to.deep.equal(["stopped", ["stop 7"]]);
    });

    it("takes in what nobody knows where its order is this node's, and then lives as that does", async () => {
      shop.chain.set(9);
      shop.orchestrator.plant(9);
      await life.once();
      expect(shop.machine.hosting.present(9)).to.include({ phase: "running", terms: termsOf("order 9") });
      expect(changes()).to.deep.equal([]);
      shop.chain.set(9, OVER);
      await after(0);
      await after(10 * MINUTE);
      await after(7 * DAY);
      expect(changes()).to.deep.equal(["stop 9", "remove 9"]);
    });

    it("removes what nobody knows where its order is finally another node's", async () => {
      shop.chain.setNewest(9, { node: 2 });
      shop.orchestrator.plant(9);
      await life.once();
      expect(changes()).to.deep.equal([]);
      shop.chain.settle(9);
      await life.once();
      expect(changes()).to.deep.equal(["remove 9"]);
    });

    it("removes what nobody knows where its order is nowhere for a quarter of an hour, and not before", async () => {
      shop.orchestrator.plant(9);
      await life.once();
      await after(14 * MINUTE);
      expect(changes()).to.deep.equal([]);
      // Seen again for a moment, it counts from the beginning.
      shop.chain.setNewest(9);
      await life.once();
      shop.chain.unsetNewest(9);
      await after(2 * MINUTE);
      await after(14 * MINUTE);
      expect(changes()).to.deep.equal([]);
      await after(MINUTE);
      expect(changes()).to.deep.equal(["remove 9"]);
    });

    it("leaves what nobody knows on any doubt", async () => {
      shop.orchestrator.plant(9);
      shop.chain.isReachable = false;
      await life.once();
      await after(DAY);
      shop.chain.isReachable = true;
      // Another node's finally, this node's by the newest block.
      shop.chain.set(9, { node: 2 });
      shop.chain.setNewest(9);
      await after(DAY);
      expect(changes()).to.deep.equal([]);
    });
  });
});
