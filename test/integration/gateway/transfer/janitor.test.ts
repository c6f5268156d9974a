import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";

import { expect } from "chai";
import { keccak256 } from "ethers";
import { pino } from "pino";

import { PLENTY } from "../../../fixtures/gateway/transfer/room.ts";
import { publishedWith, storedTask } from "../../../fixtures/gateway/transfer/fakeTasks.ts";
import { CONTENT, owner, TransferStage } from "../../../fixtures/gateway/transfer/transferStage.ts";
import { Blobs } from "../../../../src/gateway/transfer/blobs.ts";
import { Janitor } from "../../../../src/gateway/transfer/janitor.ts";
import {
  datasetName,
  inputsName,
  keptInputsName,
  partName,
  resultName,
  sealedKeyName,
  senderName,
} from "../../../../src/gateway/transfer/names.ts";
import { needReader, type NeedReader } from "../../../../src/gateway/transfer/needs.ts";
import { enumNumber } from "../../../../src/enums.ts";
import type { Protocol } from "../../../../src/protocol.ts";

const [DAY, WEEK] = [86_400_000, 7 * 86_400_000];
const HASH = keccak256(CONTENT);
const KEY = `0x${"ab".repeat(20)}`;
const TASK_HASH = `0x${"cd".repeat(32)}`;

describe("Files that were sent", () => {
  let stage: TransferStage;
  let datasets: Set<number>;
  let tasks: Set<number>;
  let isReadable: boolean;
  let janitor: Janitor;

  /** Starts what looks after files, as after a restart where the blobs are other ones. */
  function start(blobs: Blobs): void {
    const answer = async (known: boolean): Promise<boolean> =>
      isReadable ? Promise.resolve(known) : Promise.reject(new Error("no endpoint"));
    const needs: NeedReader = {
      needsDataset: async (id) => answer(datasets.has(id)),
      needsTask: async (id, inputs) => answer(tasks.has(id) && TASK_HASH.startsWith(`0x${inputs}`)),
    };
    const { quotas, database } = stage;
    const times = { unfinished: DAY, unneeded: WEEK, now: () => stage.now };
    janitor = new Janitor({ blobs, quotas, needs, database, ...times, log: pino({ level: "silent" }) });
  }
  beforeEach(() => {
    stage = new TransferStage();
    stage.now = Date.now();
    stage.alike.add(2);
    [datasets, tasks, isReadable] = [new Set([1]), new Set([5]), true];
    start(stage.blobs);
  });
  afterEach(() => {
    stage.close();
  });
  const files = (): string[] => readdirSync(stage.folder).sort();
  async function later(milliseconds: number): Promise<string[]> {
    stage.now += milliseconds;
    await janitor.once();
    return files();
  }
  /** Sends some bytes of a dataset's content. */
  async function send(id: number, body: Buffer | ReadableStream<Uint8Array>): Promise<Response> {
    const authorization = await stage.token({ by: owner, resource: `datasets/${String(id)}` });
    const headers = { authorization, "upload-length": String(CONTENT.length) };
    const asked = { method: "PUT", headers, body, duplex: "half" as const };
    return stage.api.app.request(`/v1/datasets/${String(id)}/content`, asked);
  }

  it("in part are removed when nobody has gone on with them for as long as is configured, after a crash as well", async () => {
    await send(1, CONTENT.subarray(0, 5));
    expect(await later(DAY - 60_000)).to.deep.equal([
      partName(datasetName(HASH), senderName("datasets", 1, owner.address)),
    ]);
    expect(stage.quotas.all(), "what is counted").to.have.length(1);
    start(new Blobs(stage.folder, PLENTY));
    expect(await later(120_000)).to.deep.equal([]);
    expect(stage.quotas.all()).to.deep.equal([]);
  });

  it("in part stay while they are being received", async () => {
    const gate = Promise.withResolvers<undefined>();
    async function* body(): AsyncGenerator<Uint8Array> {
      yield CONTENT.subarray(0, 5);
      await gate.promise;
      yield CONTENT.subarray(5);
    }
    const sent = send(1, Readable.toWeb(Readable.from(body())));
    while (files().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await later(2 * DAY)).to.have.length(1);
    gate.resolve(undefined);
    expect((await sent).status).to.equal(201);
  });

  it("of datasets stay while one of them is granted, and for a while after", async () => {
    for (const id of [1, 2]) await send(id, CONTENT);
    await stage.blobs.write(sealedKeyName(2, KEY), Buffer.from("{}"));
    datasets = new Set([2]);
    expect(await later(10 * WEEK)).to.have.length(2);
    datasets = new Set();
    expect(await later(1)).to.have.length(2);
    expect(await later(WEEK - 1)).to.have.length(2);
    expect(await later(1)).to.deep.equal([]);
    expect(stage.quotas.all()).to.deep.equal([]);
    expect(stage.database.all("SELECT * FROM unneeded_file")).to.deep.equal([]);
  });

  it("of tasks stay while the task or its disputes last, with what the enclave has made of them", async () => {
    const names = [inputsName(5, TASK_HASH), resultName(5, TASK_HASH), keptInputsName(5, TASK_HASH)];
    for (const name of names) await stage.blobs.write(name, Buffer.from("x"));
    await stage.blobs.write(inputsName(5, `0x${"00".repeat(32)}`), Buffer.from("before a reorganisation"));
    await stage.blobs.write("accepted-task.json", Buffer.from("{}"));
    await later(0);
    expect(await later(WEEK)).to.deep.equal([...names, "accepted-task.json"].sort());
    tasks = new Set();
    await later(0);
    expect(await later(WEEK)).to.deep.equal(["accepted-task.json"]);
  });

  it("of datasets stay for whoever began to send what somebody else has sent meanwhile", async () => {
    await send(1, CONTENT.subarray(0, 5));
    await send(2, CONTENT);
    expect(await later(DAY + 60_000)).to.deep.equal([datasetName(HASH)]);
    await later(0);
    expect(await later(WEEK)).to.deep.equal([datasetName(HASH)]);
  });

  it("that are needed again are kept as if they had always been", async () => {
    await send(1, CONTENT);
    datasets = new Set();
    await later(WEEK - 1);
    datasets = new Set([1]);
    await later(1);
    datasets = new Set();
    expect(await later(WEEK)).to.have.length(1);
  });

  it("stay while the chain cannot be read", async () => {
    await send(1, CONTENT);
    datasets = new Set();
    await later(0);
    isReadable = false;
    expect(await later(10 * WEEK)).to.have.length(1);
    isReadable = true;
    expect(await later(0)).to.deep.equal([]);
  });

  it("are found and counted though the database forgot them, and what was half written goes", async () => {
    await send(1, CONTENT);
    const old = stage.now / 1000 - 7_200;
    const sender = senderName("tasks", 5, owner.address);
    for (const name of ["task-5-x.new", partName(inputsName(5, TASK_HASH), sender)])
      writeFileSync(join(stage.folder, name), "12345");
    utimesSync(join(stage.folder, "task-5-x.new"), old, old);
    writeFileSync(join(stage.folder, "task-5-y.new"), "is being written");
    stage.quotas.forgetFile(datasetName(HASH));
    await janitor.once();
    const found = stage.quotas.all().map(({ name, sender }) => `${sender} ${name}`);
    expect(found.sort()).to.deep.equal([` ${datasetName(HASH)}`, `${sender} ${inputsName(5, TASK_HASH)}`]);
    expect(files()).to.include("task-5-y.new").and.to.not.include("task-5-x.new");
  });

  it("are kept where the database forgot which dataset they were sent for, until that is said again", async () => {
    await send(1, CONTENT);
    stage.quotas.forgetFile(datasetName(HASH));
    datasets = new Set();
    await later(0);
    expect(await later(10 * WEEK)).to.have.length(1);
    expect((await send(1, CONTENT)).status).to.equal(201);
    datasets = new Set([1]);
    expect(await later(10 * WEEK)).to.have.length(1);
    const senders = stage.quotas.all().map(({ sender }) => sender);
    expect(senders, "whose the file counts as").to.deep.equal([senderName("datasets", 1, owner.address)]);
    datasets = new Set();
    await later(0);
    expect(await later(WEEK)).to.deep.equal([]);
  });

  it("are counted no more when they are there no more", async () => {
    await send(1, CONTENT);
    await stage.blobs.remove(datasetName(HASH));
    await later(0);
    expect(stage.quotas.all()).to.have.length(1);
    await later(3_600_000);
    expect(stage.quotas.all()).to.deep.equal([]);
  });
});

describe("What the chain needs", () => {
  const now = 1_700_000_000;
  const task = (status: "Published" | "Accepted" | "Submitted" | "Valid", verdictBy: number, changes = {}) => ({
    ...storedTask({ nodeId: 7n, inputHash: TASK_HASH, ...changes }),
    ...{ status: enumNumber("TaskStatus", status), verdictBy: BigInt(verdictBy) },
  });
  const reader = (found: Partial<ReturnType<typeof task>>, until = 0n): NeedReader =>
    needReader(
      {
        taskEscrow: {
          ...{ taskCount: async () => Promise.resolve(5n), getTask: async () => Promise.resolve(found) },
          ...publishedWith(found.inputHash ?? ""),
        },
        dataGrants: { datasetCount: async () => Promise.resolve(5n), getGrant: async () => Promise.resolve({ until }) },
      } as unknown as Protocol,
      7,
      () => now * 1000,
    );

  it("is a task's files until it is over and its verdicts are past", async () => {
    const cases = [
      [task("Published", now), true],
      [task("Published", now - 1), false],
      [task("Accepted", now - 1), true],
      [task("Submitted", now - 1), true],
      [task("Valid", now), true],
      [task("Valid", now - 1), false],
      [task("Accepted", now, { nodeId: 8n }), false],
      [task("Accepted", now, { inputHash: `0x${"00".repeat(32)}` }), false],
    ] as const;
    for (const [found, isNeeded] of cases) expect(await reader(found).needsTask(5, "cd".repeat(8))).to.equal(isNeeded);
    expect(await reader(task("Accepted", now)).needsTask(6, "cd".repeat(8))).to.equal(false);
  });

  it("is a dataset's while it is granted", async () => {
    expect(await reader({}, BigInt(now + 1)).needsDataset(5)).to.equal(true);
    expect(await reader({}, BigInt(now)).needsDataset(5)).to.equal(false);
    expect(await reader({}, BigInt(now + 1)).needsDataset(6)).to.equal(false);
  });
});
