import { expect } from "chai";
import { id } from "ethers";
import { fork } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Order } from "../../fixtures/journal/racer.ts";
import { quoteDomain, taskDomain, validator, verdictOn, vouchFor } from "../../fixtures/journal/statements.ts";
import type { TaskVerdict, Vouch } from "../../../src/eip712/index.ts";
import {
  exportJournals,
  importJournals,
  interchangeForm,
  Journal,
  journalsFolder,
  signVerdictOnce,
  signVouchOnce,
} from "../../../src/journal/index.ts";
import { TcbStatus, type Hex } from "../../../src/sgx/index.ts";
import { toJson } from "../../../src/json.ts";

const RACER = fileURLToPath(new URL("../../fixtures/journal/racer.ts", import.meta.url));
const hash = (text: string): Hex => id(text) as Hex;

describe("a validator's signing journal", () => {
  let root: string;
  let journal: Journal;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "journal-"));
    journal = new Journal(join(root, "signed"));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const judge = async (verdict: TaskVerdict): Promise<string> =>
    signVerdictOnce(journal, validator, taskDomain, verdict);
  const vouch = async (statement: Vouch): Promise<string> => signVouchOnce(journal, validator, quoteDomain, statement);
  /** Why something was not signed. */
  const refusalOf = async (signing: Promise<string>): Promise<string> =>
    signing.then(
      (signature) => `signed ${signature}`,
      (error: unknown) => (error as Error).message,
    );
  /** The files of all claims, by their paths. */
  const files = (): string[] =>
    readdirSync(journal.root, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".json"))
      .map((name) => join(journal.root, name));

  it("lets a verdict be signed again, with the same signature, and never its opposite", async () => {
    const first = await judge(verdictOn(7n, "Valid"));
    expect(await judge(verdictOn(7n, "Valid"))).to.equal(first);
    const refusal = await refusalOf(judge(verdictOn(7n, "Invalid")));
    expect(refusal)
      .to.include(`${validator.address} signed verdict Valid for the result of task 7`)
      .and.to.include("verdict Invalid contradicts")
      .and.to.include("Nothing was signed");
    expect(await refusalOf(judge(verdictOn(7n, "Invalid", { deadline: 1n }))), "another deadline").to.equal(refusal);
    // The same number is another task after a reorganisation.
    expect(await judge(verdictOn(7n, "Invalid", { resultHash: id("another") }))).to.match(/^0x/);
    expect(await judge(verdictOn(8n, "Invalid"))).to.match(/^0x/);
  });

  it("lets a quote be vouched for under newer collateral, and never with other facts", async () => {
    const first = await vouch(vouchFor());
    expect(await vouch(vouchFor())).to.equal(first);
    const newer = { collateralHash: hash("newer"), evaluationNumber: 18 };
    expect(await vouch(vouchFor({ tcbStatus: TcbStatus.OutOfDate }, newer))).to.match(/^0x/);
    for (const [changed, statement] of [
      ["platformId", vouchFor({ platformId: hash("another") })],
      ["mrenclave", vouchFor({ mrEnclave: hash("another") })],
      ["launch", vouchFor({ quoteHash: hash("another"), launch: `0x${"01".repeat(20)}` })],
      ["tcbStatus", vouchFor({ tcbStatus: TcbStatus.OutOfDate })],
      ["evaluationNumber", vouchFor({}, { evaluationNumber: 18 })],
      ["reportData", vouchFor({}, {}, hash("another registration"))],
    ] as const) {
      const refusal = await refusalOf(vouch(statement));
      expect(refusal.toLowerCase(), changed).to.include(changed.toLowerCase()).and.to.include("contradicts");
    }
  });

  it("is written before anything is signed, so that a signature that got lost counts", async () => {
    const failing = { address: validator.address, signTypedData: () => Promise.reject(new Error("the line is dead")) };
    expect(await refusalOf(signVerdictOnce(journal, failing, taskDomain, verdictOn(7n, "Valid")))).to.equal(
      "the line is dead",
    );
    expect(await refusalOf(judge(verdictOn(7n, "Invalid")))).to.include("signed verdict Valid");
  });

  it("is for its owner's eyes only", async () => {
    await judge(verdictOn(7n, "Valid"));
    const [file = ""] = files();
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(statSync(join(file, "..")).mode & 0o777).to.equal(0o700);
    expect(readdirSync(join(file, "..")), "nothing but the claim").to.have.lengthOf(1);
  });

  it("lets one of several processes at once have its way, on every task", async () => {
    const env = { ...process.env };
    delete env["NODE_OPTIONS"];
    const racers = Array.from({ length: 4 }, () => fork(RACER, { env, execArgv: [] }));
    await Promise.all(racers.map(async (racer) => once(racer, "message")));
    const tasks = 40;
    const signed = await Promise.all(
      racers.map(async (racer, i) => {
        const order: Order = { root: journal.root, verdict: i % 2 === 0 ? "Valid" : "Invalid", tasks };
        const answer = once(racer, "message");
        racer.send(order);
        const [numbers] = (await answer) as [number[]];
        racer.disconnect();
        return new Set(numbers);
      }),
    );
    for (let task = 1; task <= tasks; task++) {
      const [one, two, three, four] = signed.map((numbers) => numbers.has(task));
      expect([one, two], `task ${String(task)}`).to.deep.equal([three, four]);
      expect(one, `task ${String(task)}`).to.not.equal(two);
    }
  });

  it("lets nothing be signed when it is damaged, and says what to do", async () => {
    await judge(verdictOn(7n, "Valid"));
    const [file = ""] = files();
    const good = readFileSync(file, "utf8");
    await judge(verdictOn(8n, "Valid"));
    const another = readFileSync(files().find((each) => each !== file) ?? "", "utf8");
    for (const bad of ["", good.slice(0, -20), good.replace("Valid", "Invalid"), "{}", another]) {
      writeFileSync(file, bad);
      for (const verdict of ["Valid", "Invalid"] as const) {
        const refusal = await refusalOf(judge(verdictOn(7n, verdict)));
        expect(refusal)
          .to.include("journal is damaged")
          .and.to.include(file)
          .and.to.include("validator journal import");
      }
      if (bad !== another) expect(() => exportJournals(journal)).to.throw("journal is damaged");
    }
    writeFileSync(file, good);
    expect(await judge(verdictOn(7n, "Valid"))).to.match(/^0x/);
  });

  it("lets nothing be signed where it cannot be kept", async () => {
    writeFileSync(join(root, "file"), "");
    journal = new Journal(join(root, "file", "signed"));
    expect(await refusalOf(judge(verdictOn(7n, "Valid"))))
      .to.match(/cannot be read or written: E/)
      .and.to.include("COMPUTING_POWER_STATE");
    if (process.getuid?.() === 0) return;
    journal = new Journal(join(root, "signed"));
    await judge(verdictOn(7n, "Valid"));
    chmodSync(join(files()[0] ?? "", ".."), 0);
    expect(await refusalOf(judge(verdictOn(7n, "Invalid")))).to.include("EACCES");
  });

  it("moves to another machine, and tells what contradicts there", async () => {
    await judge(verdictOn(7n, "Valid"));
    await vouch(vouchFor());
    const moved = interchangeForm.parse(JSON.parse(toJson(exportJournals(journal))));
    expect(moved.entries).to.have.lengthOf(4);
    expect(exportJournals(journal, "0x0000000000000000000000000000000000000001").entries).to.deep.equal([]);

    const old = journal;
    journal = new Journal(join(root, "elsewhere"));
    expect(importJournals(journal, moved)).to.deep.equal({ added: 4, known: 0, contradictions: [] });
    expect(await refusalOf(judge(verdictOn(7n, "Invalid")))).to.include("signed verdict Valid");
    expect(importJournals(journal, moved)).to.include({ added: 0, known: 4 });
    expect(exportJournals(journal).entries).to.deep.equal(exportJournals(old).entries);

    journal = new Journal(join(root, "third"));
    await judge(verdictOn(7n, "Invalid"));
    const { added, contradictions } = importJournals(journal, moved);
    expect([added, contradictions.length]).to.deep.equal([3, 1]);
    expect(contradictions[0]?.here.says).to.deep.equal({ verdict: "Invalid" });
    expect(contradictions[0]?.there.says).to.deep.equal({ verdict: "Valid" });
    expect(await refusalOf(judge(verdictOn(7n, "Valid"))), "what is here stays").to.include("signed verdict Invalid");
  });

  it("is at one place of its user, wherever a command is run", () => {
    const on = (platform: NodeJS.Platform, env: Record<string, string>): string =>
      journalsFolder({ platform, env, home: "/home/v" });
    expect(on("linux", {})).to.equal("/home/v/.local/state/computing-power-platform/signed");
    expect(on("linux", { XDG_STATE_HOME: "" })).to.equal("/home/v/.local/state/computing-power-platform/signed");
    expect(on("linux", { XDG_STATE_HOME: "/state" })).to.equal("/state/computing-power-platform/signed");
    expect(on("linux", { COMPUTING_POWER_STATE: "/mine", XDG_STATE_HOME: "/state" })).to.equal("/mine/signed");
    expect(on("linux", { XDG_STATE_HOME: "state" })).to.equal("/home/v/.local/state/computing-power-platform/signed");
    for (const COMPUTING_POWER_STATE of ["state", "./state", "~/state"]) {
      expect(() => on("linux", { COMPUTING_POWER_STATE }), COMPUTING_POWER_STATE).to.throw("Set COMPUTING_POWER_STATE");
    }
    expect(on("win32", { LOCALAPPDATA: "/local" })).to.equal("/local/computing-power-platform/signed");
  });
});
