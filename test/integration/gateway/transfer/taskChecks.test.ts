import { expect } from "chai";

import { nameOf, REQUESTER, RunnerStage } from "../../../fixtures/gateway/transfer/runnerStage.ts";

describe("The runner of a node's tasks, with tasks that are never ready,", () => {
  let stage: RunnerStage;

  beforeEach(async () => {
    stage = new RunnerStage();
    await stage.open();
  });
  afterEach(() => {
    stage.close();
  });

  const OTHER = "0x5555555555555555555555555555555555555555";

  /** Publishes tasks of a requester that the enclave finds not ready. */
  async function publishUnready(ids: readonly number[], requester: string): Promise<void> {
    for (const id of ids) await stage.publish(id, { requester });
    const before = stage.unready;
    stage.unready = (id) => before(id) || ids.includes(id);
  }

  it("checks one task of each requester in turn", async () => {
    await publishUnready([1, 2, 3], REQUESTER);
    await stage.publish(4, { requester: OTHER });
    const running = stage.runner();
    for (let i = 0; i < 2; i++) await running.once();
    expect([stage.checked, stage.sent]).to.deep.equal([[1, 4], ["accept 4"]]);
  });

  it("takes those first whose requester's checks took least", async () => {
    stage.checkTime = 1_000;
    await publishUnready([1], REQUESTER);
    const running = stage.runner();
    await running.once();
    stage.tasks.get(1)!.status = "Cancelled";
    await publishUnready([2], REQUESTER);
    await stage.publish(3, { requester: OTHER });
    await running.once();
    expect(stage.checked).to.deep.equal([1, 3]);
  });

  it("asks about the same files once, whatever was done in between", async () => {
    await publishUnready([1], REQUESTER);
    const running = stage.runner();
    await running.once();
    await stage.publish(2, { requester: OTHER });
    for (let i = 0; i < 4; i++) await running.once();
    await stage.sendInputs(1, "inputs 1");
    await running.once();
    expect(stage.sent).to.deep.equal(["accept 2", "submit 2"]);
    expect(stage.checked.filter((id) => id === 1)).to.deep.equal([1]);
    expect(running.progressOf(nameOf(1)).stage).to.equal("waiting");
  });

  it("accepts none of a program that the provider does not take, of which the enclave is told with each check", async () => {
    stage.programs = [`0x${"12".repeat(32)}`];
    const refused = { code: "PROGRAM_NOT_TAKEN", problem: "The provider takes no tasks of it", remedy: "" } as const;
    stage.answer = { ready: false, inputs: refused };
    await stage.publish(1);
    const running = stage.runner();
    for (let i = 0; i < 3; i++) await running.once();
    expect([stage.told, stage.sent]).to.deep.equal([[[[1n], stage.programs]], []]);
    expect(running.progressOf(nameOf(1))).to.deep.equal({
      stage: "waiting",
      reasons: [{ subject: "inputs", detail: "The provider takes no tasks of it" }],
    });
  });

  it("asks again, with the same files, once a dataset is granted anew", async () => {
    const refused = { datasetId: 3n, code: "GRANT_NOT_MADE", problem: "Dataset 3 is for a later grant", remedy: "" };
    stage.answer = { ready: false, datasets: [refused] };
    await stage.publish(1);
    const running = stage.runner();
    for (let i = 0; i < 2; i++) await running.once();
    expect([stage.checked, stage.sent]).to.deep.equal([[1], []]);
    [stage.grantNonce, stage.answer] = [2n, {}];
    await running.once();
    expect(stage.told).to.deep.equal([
      [[1n], undefined],
      [[2n], undefined],
    ]);
    expect(stage.sent).to.deep.equal(["accept 1"]);
  });

  it("gives a requester's checks so much time within an hour, and says so", async () => {
    stage.checkTime = 60_000;
    await publishUnready([1, 2, 3], REQUESTER);
    const running = stage.runner();
    for (let i = 0; i < 4; i++) await running.once();
    expect(stage.checked).to.deep.equal([1, 2]);
    const { stage: reached, reasons } = running.progressOf(nameOf(3));
    expect([reached, reasons[0]?.subject]).to.deep.equal(["waiting", "requester"]);
    expect(reasons[0]?.detail).to.include("2m within an hour");
    stage.clock += 3_600_000;
    await running.once();
    expect(stage.checked).to.deep.equal([1, 2, 3]);
  });

  it("tries out once a minute what the chain refuses", async () => {
    await stage.publish(1);
    stage.isRefused = true;
    const running = stage.runner();
    for (let i = 0; i < 3; i++) await running.once();
    expect(stage.triedOut).to.equal(1);
    expect(running.progressOf(nameOf(1)).stage).to.equal("refused");
    stage.now += 60;
    stage.isRefused = false;
    await running.once();
    expect(stage.sent).to.deep.equal(["accept 1"]);
  });

  it("has the enclave read no task whose files are too many bytes", async () => {
    await stage.publish(1);
    stage.maxBytes = 8;
    const running = stage.runner();
    await running.once();
    expect([stage.checked, stage.sent]).to.deep.equal([[], []]);
    expect(running.progressOf(nameOf(1)).reasons[0]?.subject).to.equal("files");
  });
});
