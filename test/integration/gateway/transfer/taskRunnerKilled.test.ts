import { expect } from "chai";

import { Life } from "../../../fixtures/gateway/transfer/life.ts";
import { RunnerStage } from "../../../fixtures/gateway/transfer/runnerStage.ts";

describe("The runner of a node's tasks, killed at any step,", () => {
  /** Each step at which the process can end, before or after its effect, until there is none left; how many there are. */
  async function atEachStep(then: (stage: RunnerStage, step: string) => Promise<void>): Promise<number> {
    for (let steps = 0; ; steps++) {
      let isKilled = false;
      for (const isAfter of [false, true]) {
        const stage = new RunnerStage();
        try {
          await stage.open();
          await stage.publish(1);
          await stage.publish(2);
          isKilled = await stage.live(new Life(steps + 1, isAfter));
          await then(stage, `${isAfter ? "after" : "before"} step ${String(steps + 1)}`);
        } finally {
          stage.close();
        }
      }
      if (!isKilled) return steps;
    }
  }

  it("goes on where it was: everything is accepted once, in turn, and submitted once", async () => {
    const steps = await atEachStep(async (stage, step) => {
      await stage.live(new Life());
      expect(stage.sent, step).to.deep.equal(["accept 1", "submit 1", "accept 2", "submit 2"]);
    });
    expect(steps).to.be.greaterThan(40);
  });

  it("runs what it has sent the acceptance of with the files that it had checked, whatever was sent since", async () => {
    await atEachStep(async (stage, step) => {
      const isSent = stage.sent.length + stage.pool.length > 0;
      await stage.sendKey("garbage");
      await stage.live(new Life());
      expect(stage.sent.slice(0, 2), step).to.deep.equal(isSent ? ["accept 1", "submit 1"] : []);
      expect(new Set(stage.runs.map(({ key }) => key)).has("garbage"), step).to.equal(false);
    });
  });
});
