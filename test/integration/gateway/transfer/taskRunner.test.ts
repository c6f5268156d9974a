import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { pino } from "pino";

import { enumNumber } from "../../../../src/enums.ts";
import type { TaskFiles } from "../../../../src/enclave/protocol.ts";
import { Blobs } from "../../../../src/gateway/transfer/blobs.ts";
import { datasetName, inputsName, sealedKeyName } from "../../../../src/gateway/transfer/names.ts";
import { isWelcome } from "../../../../src/gateway/transfer/taskPolicy.ts";
import { TaskRunner, type TaskRunnerParts } from "../../../../src/gateway/transfer/taskRunner.ts";

const NODE = 7;
const NOW = 1_700_000_000;
const KEY = "0x3333333333333333333333333333333333333333";
const CONTENT_HASH = `0x${"cd".repeat(32)}`;
const inputHashOf = (id: number): string => `0x${id.toString(16).padStart(64, "0")}`;

interface FakeTask {
  status: string;
  node: number;
  stakeLock: bigint;
}

describe("The runner of a node's tasks", () => {
  let folder: string;
  let blobs: Blobs;
  let tasks: Map<number, FakeTask>;
  let runs: { id: number; key: string }[];
  let sent: string[];
  /** Called while the enclave runs a task. */
  let whileRunning: () => Promise<void>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "runner-"));
    blobs = new Blobs(folder);
    tasks = new Map();
    runs = [];
    sent = [];
    whileRunning = async () => Promise.resolve();
    await blobs.write(datasetName(CONTENT_HASH), Buffer.from("dataset"));
    await blobs.write(sealedKeyName(1, KEY), Buffer.from("good key"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function publish(id: number, node = NODE): Promise<void> {
    tasks.set(id, { status: "Published", node, stakeLock: 5n });
    await blobs.write(inputsName(id, inputHashOf(id)), Buffer.from(`inputs ${String(id)}`));
  }

  const taskOf = (id: number) => {
    const { status, node, stakeLock } = tasks.get(id) ?? { status: "None", node: 0, stakeLock: 0n };
    const times = { acceptBy: BigInt(NOW + 600), resultBy: BigInt(NOW + 7_200), leastDuration: 3_600n };
    const numbers = { status: enumNumber("TaskStatus", status as "Published"), nodeId: BigInt(node) };
    return { ...times, ...numbers, stakeLock, nodeFee: 10n, inputHash: inputHashOf(id) };
  };

  function runner(): TaskRunner {
    const mined = async (what: string, id: bigint, status: string) => {
      sent.push(`${what} ${id.toString()}`);
      tasks.get(Number(id))!.status = status;
      return Promise.resolve({ hash: "0x", wait: async () => Promise.resolve({ status: 1 }) });
    };
    const provider = { getBlock: async () => Promise.resolve({ number: 1, timestamp: NOW }) };
    const taskEscrow = {
      runner: { provider },
      taskCount: async () => Promise.resolve(BigInt(Math.max(0, ...tasks.keys()))),
      getTask: async (id: bigint) => Promise.resolve(taskOf(Number(id))),
      termsHashOf: async () => Promise.resolve("0xaa"),
      datasetsOf: async () => Promise.resolve([{ datasetId: 1n }]),
    };
    const protocol = {
      taskEscrow,
      nodeRegistry: { getNode: async () => Promise.resolve({ enclaveKey: KEY }) },
      dataGrants: { getDataset: async () => Promise.resolve({ owner: KEY, contentHash: CONTENT_HASH }) },
    };
    const signing = {
      taskEscrow: {
        accept: async (id: bigint) => mined("accept", id, "Accepted"),
        submit: async (id: bigint) => mined("submit", id, "Submitted"),
      },
    };
    const keyIn = (files: TaskFiles): string => readFileSync(files.datasets[0]!.sealedKey, "utf8");
    const enclave: TaskRunnerParts["enclave"] = {
      check: async (_terms, files) =>
        Promise.resolve({ ready: files.datasets.length === 1 && keyIn(files) === "good key", datasets: [] }),
      run: async ({ taskId }, files) => {
        await whileRunning();
        runs.push({ id: Number(taskId), key: keyIn(files) });
        return { outcome: "result", resultHash: `0x${"ee".repeat(32)}`, signature: "0x01" };
      },
    };
    const limits = { minNodeFee: 1n, maxStakeLock: 10n, minTime: 600n };
    const parts = { chainId: 31_337n, node: NODE, blobs, limits, enclave, escrow: KEY, grants: KEY };
    return new TaskRunner({
      ...parts,
      protocol,
      signing,
      log: pino({ level: "silent" }),
    } as unknown as TaskRunnerParts);
  }

  it("accepts, runs and submits a task whose files are all here", async () => {
    await publish(1);
    const running = runner();
    await running.once();
    await running.once();
    expect(sent).to.deep.equal(["accept 1", "submit 1"]);
  });

  it("accepts nothing whose key the enclave does not open, and takes a better key later", async () => {
    await publish(1);
    await blobs.write(sealedKeyName(1, KEY), Buffer.from("garbage"));
    const running = runner();
    await running.once();
    expect(sent).to.deep.equal([]);
    await blobs.write(sealedKeyName(1, KEY), Buffer.from("good key"));
    await running.once();
    expect(sent).to.deep.equal(["accept 1"]);
  });

  it("runs with the key that it has checked, though the owner puts another one after the acceptance", async () => {
    await publish(1);
    const running = runner();
    await running.once();
    await blobs.write(sealedKeyName(1, KEY), Buffer.from("garbage"));
    await blobs.write(inputsName(1, inputHashOf(1)), Buffer.from("other inputs"));
    await running.once();
    expect(runs).to.deep.equal([{ id: 1, key: "good key" }]);
    expect(sent).to.deep.equal(["accept 1", "submit 1"]);
  });

  it("accepts no second task before the first is delivered: each has the whole of its time", async () => {
    await publish(1);
    await publish(2);
    const running = runner();
    await running.once();
    expect(sent).to.deep.equal(["accept 1"]);
    await running.once();
    await running.once();
    expect(sent).to.deep.equal(["accept 1", "submit 1", "accept 2"]);
  });

  it("delivers what it accepted, also after a restart and however many tasks of others follow", async () => {
    await publish(1);
    await runner().once();
    for (let id = 2; id <= 2_500; id++) tasks.set(id, { status: "Published", node: 99, stakeLock: 0n });
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
});

describe("A policy for tasks", () => {
  const limits = { minNodeFee: 10n, maxStakeLock: 5n, minTime: 600n };
  const task = { nodeFee: 10n, stakeLock: 5n, acceptBy: 1_000n, resultBy: 2_000n, leastDuration: 700n };
  for (const [what, change, now, welcome] of [
    ["at its bounds", {}, 999n, true],
    ["with too small a fee", { nodeFee: 9n }, 999n, false],
    ["with too large a lock", { stakeLock: 6n }, 999n, false],
    ["after the time to accept", {}, 1_000n, false],
    ["with less time than the policy wants", { acceptBy: 5_000n, leastDuration: 0n }, 1_401n, false],
    ["with just the time that the policy wants", { acceptBy: 5_000n, leastDuration: 0n }, 1_400n, true],
    ["with less time than its requester leaves", { acceptBy: 5_000n }, 1_301n, false],
  ] as const) {
    it(`${welcome ? "takes" : "refuses"} a task ${what}`, () => {
      expect(isWelcome({ ...task, ...change }, limits, now)).to.equal(welcome);
    });
  }
});
