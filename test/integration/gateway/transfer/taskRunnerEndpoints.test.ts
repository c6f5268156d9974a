import { expect } from "chai";

import { RunnerStage } from "../../../fixtures/gateway/transfer/runnerStage.ts";

describe("The runner of a node's tasks, whose endpoints may lie or fall silent,", () => {
  let stage: RunnerStage;

  beforeEach(async () => {
    stage = new RunnerStage();
    await stage.open();
  });
  afterEach(() => {
    stage.close();
  });

  it("accepts a task by the hash of the terms that it has judged", async () => {
    await stage.publish(1);
    await stage.runner().once();
    expect(new Set(stage.acceptedBy)).to.deep.equal(new Set([stage.termsHashOf(1)]));
  });

  it("accepts nothing that one endpoint shows otherwise than another", async () => {
    await stage.publish(1, { stakeLock: 11n });
    stage.lies = () => ({ stakeLock: 0n });
    await stage.runner().once();
    await stage.publish(1);
    stage.lies = () => ({ stakeLock: 4n });
    await stage.runner().once();
    expect([stage.sent, stage.checked]).to.deep.equal([[], []]);
  });

  for (const [what, change] of [
    ["says that it is over", () => (stage.lies = () => ({ status: "Late" }))],
    ["says that it was never accepted", () => (stage.lies = () => ({ status: "Published" }))],
    ["does not answer", () => (stage.isAlone = true)],
    [
      "says that it has other inputs",
      () => (stage.lies = () => ({ inputHash: `0x${"ab".repeat(32)}`, status: "Accepted" })),
    ],
    [
      "says that it is over other data",
      () => {
        stage.lies = () => ({});
        stage.liedContent = `0x${"ab".repeat(32)}`;
      },
    ],
  ] as const) {
    it(`delivers what it accepted though one endpoint ${what}, and accepts nothing then`, async () => {
      await stage.publish(1);
      const running = stage.runner();
      await running.once();
      change();
      await stage.publish(2);
      await running.once();
      expect(stage.sent).to.deep.equal(["accept 1", "submit 1"]);
      await running.once();
      expect(stage.sent).to.deep.equal(["accept 1", "submit 1"]);
    });
  }

  it("accepts no second task while nobody knows of the first whether it was accepted", async () => {
    await stage.publish(1);
    await stage.publish(2);
    const running = stage.runner();
    stage.isStuck = true;
    for (let i = 0; i < 3; i++) await running.once();
    expect(stage.pool.map(({ what, id }) => `${what} ${id.toString()}`)).to.deep.equal(["accept 1"]);
    stage.isStuck = false;
    for (let i = 0; i < 4; i++) await running.once();
    expect(stage.sent).to.deep.equal(["accept 1", "submit 1", "accept 2", "submit 2"]);
  });

  it("comes back first to what it was about to accept, though others would have their turn", async () => {
    stage.checkTime = 1_000;
    await stage.publish(1);
    await stage.publish(2, { requester: "0x5555555555555555555555555555555555555555" });
    const running = stage.runner();
    stage.isStuck = true;
    await running.once();
    stage.pool.length = 0;
    stage.isStuck = false;
    await running.once();
    expect(stage.sent).to.deep.equal(["accept 1"]);
  });

  it("accepts nothing by what was before its last transaction", async () => {
    await stage.publish(1);
    stage.minedIn = 101;
    await stage.runner().once();
    expect(stage.sent).to.deep.equal([]);
    stage.minedIn = 100;
    await stage.runner().once();
    expect(stage.sent).to.deep.equal(["accept 1"]);
  });

  it("pays at most every five minutes for an outcome that the chain takes from it and does nothing with", async () => {
    await stage.publish(1);
    const running = stage.runner();
    await running.once();
    stage.isReverted = true;
    for (let i = 0; i < 3; i++) await running.once();
    expect(stage.sent).to.deep.equal(["accept 1", "submit 1"]);
    stage.now += 300;
    await running.once();
    expect(stage.sent).to.deep.equal(["accept 1", "submit 1", "submit 1"]);
  });
});
