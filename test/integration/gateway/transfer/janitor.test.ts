import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { expect } from "chai";
import { keccak256 } from "ethers";
import { pino } from "pino";

import { PLENTY } from "../../../fixtures/gateway/transfer/room.ts";
import { publishedWith, storedTask } from "../../../fixtures/gateway/transfer/fakeTasks.ts";
import { openDatabase } from "../../../../src/gateway/store/database.ts";
import type { Database } from "../../../../src/service/store/database.ts";
import { Blobs } from "../../../../src/gateway/transfer/blobs.ts";
import { Janitor } from "../../../../src/gateway/transfer/janitor.ts";
import {
  datasetName,
  inputsName,
  keptInputsName,
  resultName,
  sealedKeyName,
} from "../../../../src/gateway/transfer/names.ts";
import { needReader, type NeedReader } from "../../../../src/gateway/transfer/needs.ts";
import { UploadQuotas } from "../../../../src/gateway/transfer/quotas.ts";
import { enumNumber } from "../../../../src/enums.ts";
import type { Protocol } from "../../../../src/protocol.ts";

const [DAY, WEEK] = [86_400_000, 7 * 86_400_000];
const CONTENT = Buffer.from("an encrypted dataset");
const HASH = keccak256(CONTENT);
const KEY = `0x${"ab".repeat(20)}`;
const TASK_HASH = `0x${"cd".repeat(32)}`;

describe("Files that were sent", () => {
  let folder: string;
  let database: Database;
  let time: number;
  let datasets: Set<number>;
  let tasks: Set<number>;
  let isReadable: boolean;
  let blobs: Blobs;
  let quotas: UploadQuotas;
  let janitor: Janitor;

  /** Starts what a gateway has of this, as after a restart. */
  function start(): void {
    const answer = async (known: boolean): Promise<boolean> =>
      isReadable ? Promise.resolve(known) : Promise.reject(new Error("no endpoint"));
    const needs: NeedReader = {
      needsDataset: async (id) => answer(datasets.has(id)),
      needsTask: async (id, inputs) => answer(tasks.has(id) && TASK_HASH.startsWith(`0x${inputs}`)),
    };
    blobs = new Blobs(folder, PLENTY);
    quotas = new UploadQuotas(database, { total: 10_000, ofAccount: 5_000 }, () => time);
    const log = pino({ level: "silent" });
    janitor = new Janitor({ blobs, quotas, needs, database, unfinished: DAY, unneeded: WEEK, now: () => time, log });
  }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "janitor-"));
    database = openDatabase(":memory:");
    time = Date.now();
    [datasets, tasks, isReadable] = [new Set([1]), new Set([5]), true];
    start();
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });
  const files = (): string[] => readdirSync(folder).sort();
  async function later(milliseconds: number): Promise<string[]> {
    time += milliseconds;
    await janitor.once();
    return files();
  }
  /** Sends some bytes of a dataset's content, as the routes do. */
  async function send(id: number, bytes: Buffer): Promise<void> {
    const [name, sender] = [datasetName(HASH), `datasets-${String(id)}`];
    quotas.reserve({ name, sender }, `owner ${String(id)}`, CONTENT.length);
    const expected = { hash: HASH, limit: 4_000, length: CONTENT.length, sender };
    await blobs.append(name, 0, Readable.from([bytes]), expected);
  }

  it("in part are removed when nobody has gone on with them for as long as is configured, after a crash as well", async () => {
    await send(1, CONTENT.subarray(0, 5));
    const part = `${datasetName(HASH)}.datasets-1.part`;
    expect(await later(DAY - 60_000)).to.deep.equal([part]);
    start();
    expect(await later(120_000)).to.deep.equal([]);
    expect(quotas.all()).to.deep.equal([]);
  });

  it("in part stay while they are being received", async () => {
    let goOn: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (goOn = resolve));
    const name = datasetName(HASH);
    quotas.reserve({ name, sender: "datasets-1" }, "owner", CONTENT.length);
    const body = async function* () {
      yield CONTENT.subarray(0, 5);
      await waiting;
      yield CONTENT.subarray(5);
    };
    const sent = blobs.append(name, 0, body(), { hash: HASH, limit: 99, length: CONTENT.length, sender: "datasets-1" });
    while (files().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await later(2 * DAY)).to.have.length(1);
    goOn();
    expect((await sent).isComplete).to.equal(true);
  });

  it("of datasets stay while one of them is granted, and for a while after", async () => {
    for (const id of [1, 2]) await send(id, CONTENT);
    await blobs.write(sealedKeyName(2, KEY), Buffer.from("{}"));
    datasets = new Set([2]);
    expect(await later(10 * WEEK)).to.have.length(2);
    datasets = new Set();
    expect(await later(1)).to.have.length(2);
    expect(await later(WEEK - 1)).to.have.length(2);
    expect(await later(1)).to.deep.equal([]);
    expect(quotas.all()).to.deep.equal([]);
    expect(database.all("SELECT * FROM unneeded_file")).to.deep.equal([]);
  });

  it("of tasks stay while the task or its disputes last, with what the enclave has made of them", async () => {
    const names = [inputsName(5, TASK_HASH), resultName(5, TASK_HASH), keptInputsName(5, TASK_HASH)];
    for (const name of names) await blobs.write(name, Buffer.from("x"));
    await blobs.write(inputsName(5, `0x${"00".repeat(32)}`), Buffer.from("before a reorganisation"));
    await blobs.write("accepted-task.json", Buffer.from("{}"));
    await later(0);
    expect(await later(WEEK)).to.deep.equal([...names, "accepted-task.json"].sort());
    tasks = new Set();
    await later(0);
    expect(await later(WEEK)).to.deep.equal(["accepted-task.json"]);
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
    const old = time / 1000 - 7_200;
    for (const name of ["task-5-x.new", `${inputsName(5, TASK_HASH)}.tasks-5.part`])
      writeFileSync(join(folder, name), "12345");
    utimesSync(join(folder, "task-5-x.new"), old, old);
    quotas.forgetFile(datasetName(HASH));
    await janitor.once();
    const found = quotas.all().map(({ name, sender }) => `${sender} ${name}`);
    expect(found.sort()).to.deep.equal([` ${datasetName(HASH)}`, `tasks-5 ${inputsName(5, TASK_HASH)}`]);
    expect(files()).to.not.include("task-5-x.new");
    // Nobody knows whose content it is: it goes as what nothing needs.
    expect(await later(WEEK)).to.deep.equal([]);
  });

  it("are counted no more when they are there no more", async () => {
    await send(1, CONTENT);
    await blobs.remove(datasetName(HASH));
    await later(0);
    expect(quotas.all()).to.have.length(1);
    await later(3_600_000);
    expect(quotas.all()).to.deep.equal([]);
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
