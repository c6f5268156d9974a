import { expect } from "chai";

import {
  GOOD_KEY,
  inputHashOf,
  nameOf,
  NODE,
  NOW,
  plainTask,
  REQUESTER,
  RunnerStage,
} from "../../../fixtures/gateway/transfer/runnerStage.ts";

describe("The runner of a node's tasks", () => {
  let stage: RunnerStage;

  beforeEach(async () => {
    stage = new RunnerStage();
    await stage.open();
  });
  afterEach(() => {
    stage.close();
  });

  it("accepts, runs and submits a task whose files are all here", async () => {
    await stage.publish(1);
    const running = stage.runner();
    expect(await running.once()).to.equal(true);
    expect(await running.once()).to.equal(true);
    expect(await running.once()).to.equal(false);
    expect(stage.sent).to.deep.equal(["accept 1", "submit 1"]);
  });

  it("accepts nothing whose key the enclave does not open, and takes a better key later", async () => {
    await stage.publish(1);
    await stage.sendKey("garbage");
    const running = stage.runner();
    await running.once();
    expect(stage.sent).to.deep.equal([]);
    await stage.sendKey(GOOD_KEY);
    await running.once();
    expect(stage.sent).to.deep.equal(["accept 1"]);
  });

  it("asks the enclave about the same files once, however often it looks", async () => {
    await stage.publish(1);
    await stage.sendKey("garbage");
    const running = stage.runner();
    for (let i = 0; i < 3; i++) await running.once();
    expect(stage.checked.length).to.equal(1);
  });

  it("runs with the key that it has checked, though the owner puts another one after the acceptance", async () => {
    await stage.publish(1);
    const running = stage.runner();
    await running.once();
    await stage.sendKey("garbage");
    await stage.sendInputs(1, "other inputs");
    await running.once();
    expect(stage.runs).to.deep.equal([{ id: 1, key: GOOD_KEY }]);
    expect(stage.sent).to.deep.equal(["accept 1", "submit 1"]);
  });

  it("runs a task that was accepted by hand with the files that are here then", async () => {
    await stage.publish(1);
    await stage.sendKey("garbage");
    const running = stage.runner();
    await running.once();
    stage.tasks.get(1)!.status = "Accepted";
    await stage.sendKey(GOOD_KEY);
    await running.once();
    expect(stage.runs).to.deep.equal([{ id: 1, key: GOOD_KEY }]);
  });

  it("accepts no second task before the first is delivered: each has the whole of its time", async () => {
    await stage.publish(1);
    await stage.publish(2);
    const running = stage.runner();
    await running.once();
    expect(stage.sent).to.deep.equal(["accept 1"]);
    await running.once();
    expect(running.progressOf(nameOf(2)).stage).to.equal("queued");
    await running.once();
    expect(stage.sent).to.deep.equal(["accept 1", "submit 1", "accept 2"]);
  });

  it("delivers what it accepted, also after a restart and however many tasks of others follow", async () => {
    await stage.publish(1);
    await stage.runner().once();
    for (let id = 2; id <= 2_500; id++) {
      stage.tasks.set(id, { ...plainTask(), node: 99 });
    }
    await stage.runner().once();
    expect(stage.sent).to.deep.equal(["accept 1", "submit 1"]);
  });

  it("looks at what is over or another node's every five minutes, and at what is open each time", async () => {
    await stage.publish(1, { status: "Valid" });
    await stage.publish(2, { node: NODE + 1 });
    await stage.publish(3, { stakeLock: 11n });
    const running = stage.runner();
    const readsOf = async (): Promise<number> => {
      const before = stage.reads;
      await running.once();
      return stage.reads - before;
    };
    expect(await readsOf()).to.equal(3);
    expect(await readsOf()).to.equal(1);
    stage.tasks.get(2)!.node = NODE;
    stage.now += 299;
    expect(await readsOf()).to.equal(1);
    stage.now += 1;
    await running.once();
    expect(stage.sent).to.deep.equal(["accept 2"]);
  });

  it("submits again what was signed before it was killed, and runs it no second time", async () => {
    await stage.publish(1);
    await stage.runner().once();
    await stage.runner().once();
    stage.tasks.get(1)!.status = "Accepted";
    await stage.runner().once();
    expect(stage.runs).to.have.length(1);
    expect(stage.sent).to.deep.equal(["accept 1", "submit 1", "submit 1"]);
  });

  it("brings no result before the time that its requester leaves at least, and no later than then", async () => {
    await stage.publish(1, { leastDuration: 3_600n });
    const running = stage.runner();
    await running.once();
    stage.now = NOW + 3_599;
    await running.once();
    expect(stage.sent).to.deep.equal(["accept 1"]);
    expect(running.progressOf(nameOf(1)).stage).to.equal("delivering");
    stage.now += 1;
    await running.once();
    expect(stage.sent).to.deep.equal(["accept 1", "submit 1"]);
  });

  it("delivers until the deadline, which a suspension of the node has put off", async () => {
    await stage.publish(1);
    await stage.runner().once();
    stage.now = NOW + 7_201;
    await stage.runner().once();
    expect(stage.sent).to.deep.equal(["accept 1"]);
    stage.suspended = 1n;
    await stage.runner().once();
    expect(stage.sent).to.deep.equal(["accept 1", "submit 1"]);
  });

  it("stops at once when it is told to, whatever the enclave does", async () => {
    await stage.publish(1);
    const stopping = new AbortController();
    stage.whileRunning = async () => {
      stopping.abort();
      return new Promise(() => undefined);
    };
    await stage.runner().run(stopping.signal);
    expect(stage.sent).to.deep.equal(["accept 1"]);
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

  describe("with tasks that are never ready", () => {
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

    it("has the enclave read no task whose files are too many bytes", async () => {
      await stage.publish(1);
      stage.maxBytes = 8;
      const running = stage.runner();
      await running.once();
      expect([stage.checked, stage.sent]).to.deep.equal([[], []]);
      expect(running.progressOf(nameOf(1)).reasons[0]?.subject).to.equal("files");
    });
  });

  describe("tells how far it is with a task:", () => {
    it("what the policy refuses it for, with the values", async () => {
      await stage.publish(1, { stakeLock: 11n });
      const running = stage.runner();
      expect(running.progressOf(nameOf(1))).to.deep.equal({ stage: "unseen", reasons: [] });
      await running.once();
      const detail = "it locks 11 tokens of stake, and the provider lets a task lock 10 at most";
      expect(running.progressOf(nameOf(1))).to.deep.equal({
        stage: "refused",
        reasons: [{ subject: "stake", detail }],
      });
      expect(running.progressOf({ ...nameOf(1), inputHash: inputHashOf(2) }).stage).to.equal("unseen");
    });

    it("what the chain refuses it for, before the enclave is asked", async () => {
      await stage.publish(1);
      stage.isRefused = true;
      const running = stage.runner();
      await running.once();
      const { stage: reached, reasons } = running.progressOf(nameOf(1));
      expect([reached, reasons[0]?.subject, stage.checked.length]).to.deep.equal(["refused", "chain", 0]);
      expect(reasons[0]?.detail).to.include("Node 7 may not use dataset 1 now");
    });

    it("what of its files is missing, without a word about this machine", async () => {
      await stage.publish(1);
      const problem = { problem: `"${stage.folder}/secret" cannot be read`, remedy: "", datasetId: 1n };
      stage.answer = {
        ready: false,
        inputs: { code: "PARAMETERS", problem: "The parameters are wrong", remedy: "" },
        datasets: [{ ...problem, code: "FILE_UNREADABLE" }],
      };
      const running = stage.runner();
      await running.once();
      expect(running.progressOf(nameOf(1))).to.deep.equal({
        stage: "waiting",
        reasons: [
          { subject: "inputs", detail: "The parameters are wrong" },
          { subject: "dataset 1", detail: "what was sent cannot be read" },
        ],
      });
      stage.tasks.set(2, plainTask());
      await running.once();
      expect(running.progressOf(nameOf(2)).reasons[0]?.detail).to.include("its sealed inputs are not here");
    });

    it("that something failed here, and nothing of what it was", async () => {
      await stage.publish(1);
      const running = stage.runner();
      stage.whileRunning = async () => Promise.reject(new Error("a secret"));
      await running.once();
      await running.once();
      const { stage: reached, reasons } = running.progressOf(nameOf(1));
      expect(reached).to.equal("delivering");
      expect(reasons).to.deep.equal([
        { subject: "gateway", detail: "the gateway could not work on it just now, and tries again" },
      ]);
    });
  });
});
