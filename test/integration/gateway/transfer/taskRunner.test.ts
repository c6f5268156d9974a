import { expect } from "chai";

import {
  GOOD_KEY,
  inputHashOf,
  nameOf,
  NODE,
  NOW,
  plainTask,
  RunnerStage,
} from "../../../fixtures/gateway/transfer/runnerStage.ts";
import { ViewError } from "../../../../src/view/errors.ts";

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

  it("shows the enclave that the task was accepted, and runs nothing until that can be shown", async () => {
    await stage.publish(1);
    const running = stage.runner();
    await running.once();
    stage.evidence = async () => Promise.reject(new ViewError("UNDER_SIGNED", "No block is signed yet"));
    await running.once();
    expect(stage.runs).to.deep.equal([]);
    stage.evidence = async (id) => Promise.resolve({ of: id });
    await running.once();
    expect(stage.shown).to.deep.equal([{ of: 1n }]);
    expect(stage.sent).to.deep.equal(["accept 1", "submit 1"]);
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
