import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Interface } from "ethers";
import { pino } from "pino";

import { enumNumber } from "../../../../src/enums.ts";
import { dataGrantsAbi } from "../../../../src/abi/index.ts";
import type { CheckAnswer, TaskFiles } from "../../../../src/enclave/protocol.ts";
import { Blobs } from "../../../../src/gateway/transfer/blobs.ts";
import { datasetName, inputsName, sealedKeyName } from "../../../../src/gateway/transfer/names.ts";
import { refusalsOf } from "../../../../src/gateway/transfer/taskPolicy.ts";
import { TaskRunner, type TaskRunnerParts } from "../../../../src/gateway/transfer/taskRunner.ts";

const NODE = 7;
const NOW = 1_700_000_000;
const KEY = "0x3333333333333333333333333333333333333333";
const CONTENT_HASH = `0x${"cd".repeat(32)}`;
const GOOD_KEY = "good key";
const inputHashOf = (id: number): string => `0x${id.toString(16).padStart(64, "0")}`;

interface FakeTask {
  status: string;
  node: number;
  stakeLock: bigint;
  leastDuration: bigint;
}

/** What a transaction of the fake chain does. */
interface FakeTransaction {
  readonly what: string;
  readonly id: bigint;
  readonly status: string;
}

/** A process that ends at a step, before or after its effect: nothing that it does from then on has one. */
class Life {
  #steps = 0;
  readonly #last: number;
  readonly #isAfter: boolean;

  constructor(last = Infinity, isAfter = false) {
    this.#last = last;
    this.#isAfter = isAfter;
  }

  get isOver(): boolean {
    return this.#steps > this.#last;
  }

  /** Does something that matters to others, unless the process has ended. */
  async step<T>(work: () => T | Promise<T>): Promise<T> {
    this.#steps += 1;
    if (this.#steps < this.#last) return work();
    if (this.#steps > this.#last || !this.#isAfter) return this.#end();
    await work();
    return this.#end();
  }

  #end(): never {
    this.#steps = this.#last + 1;
    throw new Error("killed");
  }
}

describe("The runner of a node's tasks", () => {
  let folder: string;
  let blobs: Blobs;
  let tasks: Map<number, FakeTask>;
  let runs: { id: number; key: string }[];
  let checks: number;
  /** What was mined, and what waits for it. */
  let sent: string[];
  let pool: FakeTransaction[];
  let now: number;
  let suspended: bigint;
  /** Called while the enclave runs a task. */
  let whileRunning: () => Promise<void>;
  let answer: Partial<CheckAnswer>;
  let refusal: string | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "runner-"));
    blobs = new Blobs(folder);
    tasks = new Map();
    [runs, sent, pool, checks, now, suspended, answer, refusal] = [[], [], [], 0, NOW, 0n, {}, undefined];
    whileRunning = async () => Promise.resolve();
    await blobs.write(datasetName(CONTENT_HASH), Buffer.from("dataset"));
    await blobs.write(sealedKeyName(1, KEY), Buffer.from(GOOD_KEY));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function publish(id: number, more: Partial<FakeTask> = {}): Promise<void> {
    tasks.set(id, { status: "Published", node: NODE, stakeLock: 5n, leastDuration: 0n, ...more });
    await blobs.write(inputsName(id, inputHashOf(id)), Buffer.from(`inputs ${String(id)}`));
  }

  const taskOf = (id: number) => {
    const { status, node, stakeLock, leastDuration } = tasks.get(id) ?? {
      ...{ status: "None", node: 0, stakeLock: 0n, leastDuration: 0n },
    };
    const times = {
      acceptBy: BigInt(NOW + 600),
      resultBy: BigInt(NOW + 7_200),
      leastDuration,
      acceptedAt: BigInt(NOW),
    };
    const numbers = { status: enumNumber("TaskStatus", status as "Published"), nodeId: BigInt(node) };
    return { ...times, ...numbers, stakeLock, nodeFee: 10n, inputHash: inputHashOf(id) };
  };

  /** Mines what waits: as on the chain, a task is accepted and submitted once. */
  function mine(): void {
    for (const { what, id, status } of pool.splice(0)) {
      sent.push(`${what} ${id.toString()}`);
      tasks.get(Number(id))!.status = status;
    }
  }

  function transactions(life: Life): TaskRunnerParts["transactions"] {
    return {
      settle: async () => life.step(mine),
      send: async (_purpose, transaction) => {
        // Signed and kept, then in the pool, then mined: as Transactions does it, a kept one is sent by the next process.
        await life.step(() => pool.push(transaction as unknown as FakeTransaction));
        await life.step(mine);
        return undefined as never;
      },
    };
  }

  /** The same, whose every use is a step. */
  const stepping = <T extends object>(thing: T, life: Life): T =>
    new Proxy(thing, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (name !== "pathOf")
          return async (...args: unknown[]) => life.step(() => value.apply(target, args) as unknown);
        return (...args: unknown[]) => {
          if (life.isOver) throw new Error("killed");
          return value.apply(target, args) as unknown;
        };
      },
    });

  function runner(life = new Life()): TaskRunner {
    const provider = { getBlock: async () => Promise.resolve({ number: 1, timestamp: now }) };
    const taskEscrow = {
      runner: { provider },
      taskCount: async () => Promise.resolve(BigInt(Math.max(0, ...tasks.keys()))),
      getTask: async (id: bigint) => Promise.resolve(taskOf(Number(id))),
      termsHashOf: async () => Promise.resolve("0xaa"),
      datasetsOf: async () => Promise.resolve([{ datasetId: 1n }]),
    };
    const protocol = {
      taskEscrow,
      nodeRegistry: {
        getNode: async () => Promise.resolve({ enclaveKey: KEY }),
        suspendedSeconds: async () => Promise.resolve(suspended),
      },
      dataGrants: { getDataset: async () => Promise.resolve({ owner: KEY, contentHash: CONTENT_HASH }) },
    };
    const populated = (what: string, status: string) => ({
      populateTransaction: async (id: bigint) => Promise.resolve({ what, id, status }),
    });
    const staticCall = async (): Promise<void> => {
      if (refusal === undefined) return Promise.resolve();
      const data = new Interface(dataGrantsAbi).encodeErrorResult("DataGrantsNotGranted", [1n, 7n]);
      throw Object.assign(new Error(refusal), { code: "CALL_EXCEPTION", data });
    };
    const signing = {
      taskEscrow: {
        accept: { ...populated("accept", "Accepted"), staticCall },
        submit: populated("submit", "Submitted"),
        abort: populated("abort", "Aborted"),
      },
    };
    const keyIn = (files: TaskFiles): string => readFileSync(files.datasets[0]!.sealedKey, "utf8");
    const enclave: TaskRunnerParts["enclave"] = {
      check: async (_terms, files) => {
        checks += 1;
        const ready = files.datasets.length === 1 && keyIn(files) === GOOD_KEY;
        return Promise.resolve({ ready, datasets: [], ...answer });
      },
      run: async ({ taskId }, files) => {
        await whileRunning();
        runs.push({ id: Number(taskId), key: keyIn(files) });
        return { outcome: "result", resultHash: `0x${"ee".repeat(32)}`, signature: "0x01" };
      },
    };
    const limits = { minNodeFee: 1n, maxStakeLock: 10n, minTime: 600n, decimals: 0 };
    const parts = { chainId: 31_337n, node: NODE, limits, escrow: KEY, grants: KEY };
    return new TaskRunner({
      ...parts,
      ...{ protocol, signing, transactions: transactions(life), log: pino({ level: "silent" }) },
      ...{ blobs: stepping(blobs, life), enclave: stepping(enclave, life) },
    } as unknown as TaskRunnerParts);
  }

  const nameOf = (id: number) => ({ id: BigInt(id), inputHash: inputHashOf(id) });

  it("accepts, runs and submits a task whose files are all here", async () => {
    await publish(1);
    const running = runner();
    expect(await running.once()).to.equal(true);
    expect(await running.once()).to.equal(true);
    expect(await running.once()).to.equal(false);
    expect(sent).to.deep.equal(["accept 1", "submit 1"]);
  });

  it("accepts nothing whose key the enclave does not open, and takes a better key later", async () => {
    await publish(1);
    await blobs.write(sealedKeyName(1, KEY), Buffer.from("garbage"));
    const running = runner();
    await running.once();
    expect(sent).to.deep.equal([]);
    await blobs.write(sealedKeyName(1, KEY), Buffer.from(GOOD_KEY));
    await running.once();
    expect(sent).to.deep.equal(["accept 1"]);
  });

  it("asks the enclave about the same files once, however often it looks", async () => {
    await publish(1);
    await blobs.write(sealedKeyName(1, KEY), Buffer.from("garbage"));
    const running = runner();
    for (let i = 0; i < 3; i++) await running.once();
    expect(checks).to.equal(1);
  });

  it("runs with the key that it has checked, though the owner puts another one after the acceptance", async () => {
    await publish(1);
    const running = runner();
    await running.once();
    await blobs.write(sealedKeyName(1, KEY), Buffer.from("garbage"));
    await blobs.write(inputsName(1, inputHashOf(1)), Buffer.from("other inputs"));
    await running.once();
    expect(runs).to.deep.equal([{ id: 1, key: GOOD_KEY }]);
    expect(sent).to.deep.equal(["accept 1", "submit 1"]);
  });

  it("runs a task that was accepted by hand with the files that are here then", async () => {
    await publish(1);
    await blobs.write(sealedKeyName(1, KEY), Buffer.from("garbage"));
    const running = runner();
    await running.once();
    tasks.get(1)!.status = "Accepted";
    await blobs.write(sealedKeyName(1, KEY), Buffer.from(GOOD_KEY));
    await running.once();
    expect(runs).to.deep.equal([{ id: 1, key: GOOD_KEY }]);
  });

  it("accepts no second task before the first is delivered: each has the whole of its time", async () => {
    await publish(1);
    await publish(2);
    const running = runner();
    await running.once();
    expect(sent).to.deep.equal(["accept 1"]);
    await running.once();
    expect(running.standingOf(nameOf(2)).stage).to.equal("queued");
    await running.once();
    expect(sent).to.deep.equal(["accept 1", "submit 1", "accept 2"]);
  });

  it("delivers what it accepted, also after a restart and however many tasks of others follow", async () => {
    await publish(1);
    await runner().once();
    for (let id = 2; id <= 2_500; id++) {
      tasks.set(id, { status: "Published", node: 99, stakeLock: 0n, leastDuration: 0n });
    }
    await runner().once();
    expect(sent).to.deep.equal(["accept 1", "submit 1"]);
  });

  it("submits again what was signed before it was killed, and runs it no second time", async () => {
    await publish(1);
    await runner().once();
    await runner().once();
    tasks.get(1)!.status = "Accepted";
    await runner().once();
    expect(runs).to.have.length(1);
    expect(sent).to.deep.equal(["accept 1", "submit 1", "submit 1"]);
  });

  it("brings no result before the time that its requester leaves at least, and no later than then", async () => {
    await publish(1, { leastDuration: 3_600n });
    const running = runner();
    await running.once();
    now = NOW + 3_599;
    await running.once();
    expect(sent).to.deep.equal(["accept 1"]);
    expect(running.standingOf(nameOf(1)).stage).to.equal("delivering");
    now += 1;
    await running.once();
    expect(sent).to.deep.equal(["accept 1", "submit 1"]);
  });

  it("delivers until the deadline, which a suspension of the node has put off", async () => {
    await publish(1);
    await runner().once();
    now = NOW + 7_201;
    await runner().once();
    expect(sent).to.deep.equal(["accept 1"]);
    suspended = 1n;
    await runner().once();
    expect(sent).to.deep.equal(["accept 1", "submit 1"]);
  });

  it("stops at once when it is told to, whatever the enclave does", async () => {
    await publish(1);
    const stopping = new AbortController();
    whileRunning = async () => {
      stopping.abort();
      return new Promise(() => undefined);
    };
    await runner().run(stopping.signal);
    expect(sent).to.deep.equal(["accept 1"]);
  });

  describe("killed at any step", () => {
    /** Plays a life to its end, and says whether it ended early. */
    async function live(life: Life): Promise<boolean> {
      const running = runner(life);
      for (let looks = 0; looks < 4 && !life.isOver; looks++) await running.once();
      return life.isOver;
    }

    /** Each step at which the process can end, until there is none left. */
    async function atEachStep(then: (step: string) => Promise<void>): Promise<number> {
      let steps = 0;
      for (; ; steps++) {
        let isKilled = false;
        for (const isAfter of [false, true]) {
          [tasks, runs, sent, pool] = [new Map<number, FakeTask>(), [], [], []];
          rmSync(folder, { recursive: true });
          await blobs.write(datasetName(CONTENT_HASH), Buffer.from("dataset"));
          await blobs.write(sealedKeyName(1, KEY), Buffer.from(GOOD_KEY));
          await publish(1);
          await publish(2);
          isKilled = await live(new Life(steps + 1, isAfter));
          await then(`${isAfter ? "after" : "before"} step ${String(steps + 1)}`);
        }
        if (!isKilled) return steps;
      }
    }

    it("goes on where it was: everything is accepted once, in turn, and submitted once", async () => {
      const steps = await atEachStep(async (step) => {
        await live(new Life());
        expect(sent, step).to.deep.equal(["accept 1", "submit 1", "accept 2", "submit 2"]);
      });
      expect(steps).to.be.greaterThan(40);
    });

    it("runs what it has sent the acceptance of with the files that it had checked, whatever was sent since", async () => {
      await atEachStep(async (step) => {
        const isSent = sent.length + pool.length > 0;
        await blobs.write(sealedKeyName(1, KEY), Buffer.from("garbage"));
        await live(new Life());
        const first = isSent ? ["accept 1", "submit 1"] : [];
        expect(sent.slice(0, 2), step).to.deep.equal(first);
        expect(new Set(runs.map(({ key }) => key)).has("garbage"), step).to.equal(false);
      });
    });
  });

  describe("tells how it stands with a task:", () => {
    it("what the policy refuses it for, with the values", async () => {
      await publish(1, { stakeLock: 11n });
      const running = runner();
      expect(running.standingOf(nameOf(1))).to.deep.equal({ stage: "unseen", reasons: [] });
      await running.once();
      const detail = "it locks 11 tokens of stake, and the provider lets a task lock 10 at most";
      expect(running.standingOf(nameOf(1))).to.deep.equal({
        stage: "refused",
        reasons: [{ subject: "stake", detail }],
      });
      expect(running.standingOf({ ...nameOf(1), inputHash: inputHashOf(2) }).stage).to.equal("unseen");
    });

    it("what the chain refuses it for, before the enclave is asked", async () => {
      await publish(1);
      refusal = "reverted";
      const running = runner();
      await running.once();
      const { stage, reasons } = running.standingOf(nameOf(1));
      expect([stage, reasons[0]?.subject, checks]).to.deep.equal(["refused", "chain", 0]);
      expect(reasons[0]?.detail).to.include("Node 7 may not use dataset 1 now");
    });

    it("what of its files is missing, without a word about this machine", async () => {
      await publish(1);
      const problem = { problem: `"${folder}/secret" cannot be read`, remedy: "", datasetId: 1n };
      answer = {
        ready: false,
        inputs: { code: "PARAMETERS", problem: "The parameters are wrong", remedy: "" },
        datasets: [{ ...problem, code: "FILE_UNREADABLE" }],
      };
      const running = runner();
      await running.once();
      expect(running.standingOf(nameOf(1))).to.deep.equal({
        stage: "waiting",
        reasons: [
          { subject: "inputs", detail: "The parameters are wrong" },
          { subject: "dataset 1", detail: "what was sent cannot be read" },
        ],
      });
      tasks.set(2, { status: "Published", node: NODE, stakeLock: 0n, leastDuration: 0n });
      await running.once();
      expect(running.standingOf(nameOf(2)).reasons[0]?.detail).to.include("its sealed inputs are not here");
    });

    it("that something failed here, and nothing of what it was", async () => {
      await publish(1);
      const running = runner();
      whileRunning = async () => Promise.reject(new Error("a secret"));
      await running.once();
      await running.once();
      const { stage, reasons } = running.standingOf(nameOf(1));
      expect(stage).to.equal("delivering");
      expect(reasons).to.deep.equal([
        { subject: "gateway", detail: "the gateway could not work on it just now, and tries again" },
      ]);
    });
  });
});

describe("A policy for tasks", () => {
  const limits = { minNodeFee: 10n, maxStakeLock: 5n, minTime: 600n, decimals: 0 };
  const task = { nodeFee: 10n, stakeLock: 5n, acceptBy: 1_000n, resultBy: 2_000n, leastDuration: 700n };
  for (const [what, change, now, subjects] of [
    ["at its bounds", {}, 999n, []],
    ["with too small a fee", { nodeFee: 9n }, 999n, ["node fee"]],
    ["with too large a lock", { stakeLock: 6n }, 999n, ["stake"]],
    ["after the time to accept", {}, 1_000n, ["acceptance"]],
    ["with less time than the policy wants", { acceptBy: 5_000n, leastDuration: 0n }, 1_401n, ["time"]],
    ["with just the time that the policy wants", { acceptBy: 5_000n, leastDuration: 0n }, 1_400n, []],
    ["with less time than its requester leaves", { acceptBy: 5_000n }, 1_301n, ["time"]],
    ["for several reasons, all of which it says", { nodeFee: 9n, stakeLock: 6n }, 999n, ["node fee", "stake"]],
  ] as const) {
    it(`${subjects.length === 0 ? "takes" : "refuses"} a task ${what}`, () => {
      const refusals = refusalsOf({ ...task, ...change }, limits, now);
      expect(refusals.map(({ subject }) => subject)).to.deep.equal(subjects);
    });
  }
});
