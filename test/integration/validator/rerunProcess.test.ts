import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runProgram, type RunOutcome } from "../../../src/validator/reruns/child.ts";
import { until } from "../../fixtures/gateway/condition.ts";

describe("A program that is run again", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rerun-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const never = new AbortController().signal;
  const run = async (
    script: string,
    { seconds = 30, megabytes = 1_024, signal = never, input = "" } = {},
  ): Promise<RunOutcome> => {
    const program = { run: [process.execPath, "-e", script], seconds, megabytes };
    return runProgram({ program, folder, input }, signal);
  };
  const shell = async (script: string, seconds = 30): Promise<RunOutcome> =>
    runProgram({ program: { run: ["/bin/sh", "-c", script], seconds, megabytes: 1_024 }, folder, input: "" }, never);
  const textOf = (outcome: RunOutcome): string =>
    "output" in outcome ? new TextDecoder().decode(outcome.output) : `failure: ${outcome.failure}`;

  it("reads its question, works in a folder of its own, and gives what it writes", async () => {
    const said = await run("process.stdin.pipe(process.stdout)", { input: "question" });
    expect(textOf(said)).to.equal("question");
    expect(textOf(await run("console.log(process.cwd())")).trim()).to.equal(folder);
  });

  it("gets none of this process's secrets", async () => {
    process.env["SEAT_KEY"] = "a secret";
    try {
      expect(textOf(await run("console.log(Object.keys(process.env).sort().join())"))).to.not.include("SEAT_KEY");
    } finally {
      delete process.env["SEAT_KEY"];
    }
  });

  it("is ended where it takes longer than it may, with all that it has started", async () => {
    const from = Date.now();
    expect(textOf(await shell("sleep 100 & echo $! > child; wait", 1))).to.equal("failure: it took longer than 1 s");
    expect(Date.now() - from).to.be.lessThan(20_000);
    const child = Number(readFileSync(join(folder, "child"), "utf8"));
    const state = (): string => {
      try {
        return /\) (\w)/.exec(readFileSync(`/proc/${String(child)}/stat`, "utf8"))?.[1] ?? "";
      } catch {
        return "gone";
      }
    };
    await until("the child has ended", () => ["gone", "Z"].includes(state()));
  });

  it("is over when it ends, though what it has started holds its output open", async () => {
    const from = Date.now();
    expect(textOf(await shell("sleep 100 & echo done"))).to.equal("done\n");
    expect(Date.now() - from).to.be.lessThan(20_000);
  });

  it("is ended where it takes more memory than it may", async () => {
    const hungry = (count: number): string =>
      `const all = []; for (let i = 0; i < ${String(count)}; i++) all.push(Buffer.alloc(2 ** 20, 1)); console.log(all.length)`;
    expect(textOf(await run(hungry(250)))).to.equal("250\n");
    expect(textOf(await run(hungry(800)))).to.match(/^failure: it (ended with code|was ended by)/);
    expect(textOf(await run(hungry(800), { megabytes: 2_048 }))).to.equal("800\n");
  });

  it("is ended where it writes more than a result can have", async () => {
    const endless =
      "const all = Buffer.alloc(2 ** 20); const more = () => { while (process.stdout.write(all)); }; process.stdout.on('drain', more); more();";
    expect(textOf(await run(endless))).to.match(/^failure: it wrote more than/);
  });

  it("is ended by the service's end, and gives nothing where it fails or is not there", async () => {
    const ending = new AbortController();
    const running = run("setInterval(() => 0, 1000)", { signal: ending.signal });
    setTimeout(() => {
      ending.abort();
    }, 500);
    expect(textOf(await running)).to.equal("failure: the service ends");
    expect(textOf(await run("console.log('half'); process.exit(3)"))).to.equal("failure: it ended with code 3");
    expect(textOf(await shell("exec /there/is/no/such/program"))).to.match(/^failure: it ended with code 12[67]/);
  });
});
