import { expect } from "chai";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { pino } from "pino";

import { PLENTY } from "../../../fixtures/gateway/transfer/room.ts";
import { inputHashOf, RunnerStage } from "../../../fixtures/gateway/transfer/runnerStage.ts";
import { Blobs } from "../../../../src/gateway/transfer/blobs.ts";
import { HandedResults } from "../../../../src/gateway/transfer/handedResults.ts";
import { resultName, statementName } from "../../../../src/gateway/transfer/names.ts";

/** An account that is not root's. */
const SERVICE = 65_534;
const [RESULT, STATEMENT] = [resultName(1, inputHashOf(1)), statementName(1, inputHashOf(1))];

describe("Results that are handed over to the provider's service", () => {
  let place: string;
  let folder: string;
  let blobs: Blobs;
  let heard: string[];
  let handed: HandedResults;
  let needsTask: (id: number, inputs: string) => Promise<boolean>;

  beforeEach(() => {
    needsTask = async () => Promise.resolve(false);
    place = mkdtempSync(join(tmpdir(), "handed-"));
    folder = join(place, "provider", "node-1.results");
    blobs = new Blobs(join(place, "files"), PLENTY);
    heard = [];
    const log = pino({ level: "error" }, { write: (line: string) => heard.push(line) });
    handed = new HandedResults({ blobs, needs: { needsTask: async (...task) => needsTask(...task) }, folder, log });
  });
  afterEach(() => {
    rmSync(place, { recursive: true });
  });

  it("are those on which the enclave has made a statement, whole and nothing else", async () => {
    await blobs.write(RESULT, Buffer.from("sealed"));
    await handed.bring();
    expect(existsSync(folder), "without a statement").to.equal(false);
    await blobs.write(STATEMENT, Buffer.from("{}"));
    await handed.bring();
    expect(readdirSync(folder)).to.deep.equal([RESULT]);
    expect(readFileSync(join(folder, RESULT), "utf8")).to.equal("sealed");
    expect(heard).to.deep.equal([]);
  });

  it("go when the gateway keeps them no longer, and what else lies in the folder stays", async () => {
    for (const name of [RESULT, STATEMENT]) await blobs.write(name, Buffer.from("sealed"));
    await handed.bring();
    const other = new Blobs(folder, PLENTY);
    await other.write("task-9.result.sealed", Buffer.from("by hand"));
    await blobs.remove(RESULT);
    await handed.bring();
    expect(readdirSync(folder)).to.deep.equal(["task-9.result.sealed"]);
  });

  it("stay for as long as the chain needs them, where the gateway has lost them or does not know", async () => {
    for (const name of [RESULT, STATEMENT]) await blobs.write(name, Buffer.from("sealed"));
    await handed.bring();
    const asked: unknown[] = [];
    needsTask = async (...task) => Promise.resolve(asked.push(task) > 0);
    rmSync(join(place, "files"), { recursive: true });
    await handed.bring();
    expect(readdirSync(folder), "lost").to.deep.equal([RESULT]);
    expect(asked).to.deep.equal([[1, inputHashOf(1).slice(2, 18)]]);
    needsTask = async () => Promise.reject(new Error("nobody answers"));
    await handed.bring();
    expect(readdirSync(folder), "unknown").to.deep.equal([RESULT]);
    needsTask = async () => Promise.resolve(false);
    await handed.bring();
    expect(readdirSync(folder), "over").to.deep.equal([]);
  });

  it("belong to whom the folder belongs to, where root hands them over", async function () {
    if (process.geteuid?.() !== 0) this.skip();
    chmodSync(place, 0o755);
    mkdirSync(join(place, "provider"), { mode: 0o700 });
    chownSync(join(place, "provider"), SERVICE, SERVICE);
    for (const name of [RESULT, STATEMENT]) await blobs.write(name, Buffer.from("sealed"));
    await handed.bring();
    expect([folder, join(folder, RESULT)].map((path) => statSync(path).uid)).to.deep.equal([SERVICE, SERVICE]);
    expect(process.geteuid()).to.equal(0);
  });

  it("hold nothing up where they cannot be handed over, and are when they can", async () => {
    for (const name of [RESULT, STATEMENT]) await blobs.write(name, Buffer.from("sealed"));
    await new Blobs(place, PLENTY).write("provider", Buffer.from("a file where the folder has to be"));
    await handed.bring();
    expect(heard.join("")).to.include("results cannot be handed over to the provider's service");
    rmSync(join(place, "provider"));
    await handed.bring();
    expect(readdirSync(folder)).to.deep.equal([RESULT]);
  });

  it("are there before their hash goes to the chain", async () => {
    const stage = new RunnerStage();
    try {
      await stage.open();
      await stage.publish(1);
      const sentBefore: string[][] = [];
      stage.handed = { bring: async () => Promise.resolve(void sentBefore.push([...stage.sent])) };
      const running = stage.runner();
      for (let looks = 0; looks < 3; looks++) await running.once();
      expect(stage.sent).to.deep.equal(["accept 1", "submit 1"]);
      expect(sentBefore).to.deep.equal([["accept 1"]]);
    } finally {
      stage.close();
    }
  });
});
