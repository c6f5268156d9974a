import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

import { expect } from "chai";
import { getBytes } from "ethers";

import {
  attemptHash,
  chooseEngine,
  createWasmEngine,
  type Engine,
  EngineUnusableError,
  solve,
  verifyNonces,
} from "../../../src/pow/index.ts";
import { hitsByNoble } from "../../../src/pow/selfTest.ts";
import { type WebGpuEngine } from "../../../src/pow/webgpu/engine.ts";
import { bytes32, EASY_TARGET } from "../../fixtures/pow.ts";
import { changed, exhaust, kindOf, LIES } from "../../fixtures/pow/engines.ts";
import { runNode } from "../../fixtures/pow/plainNode.ts";
import { codeOf, errorOf, impossible, prefix } from "../../fixtures/pow/proofSearch.ts";
import { softwareGpu, webgpu } from "../../fixtures/pow/softwareGpu.ts";

const bytes = getBytes(prefix);
const ALL = 2n ** 256n - 1n;
const FAILING = new URL("../../fixtures/pow/failingDevice.ts", import.meta.url);

/** Whether there is a process of an id, and it is no longer about to be cleared away. */
function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

describe("Engine for GPUs, on a software adapter", () => {
  const gpu = softwareGpu();
  let engine: WebGpuEngine;

  before(async () => {
    engine = gpu.engine();
    await engine.prepare();
  });
  after(async () => {
    await (engine as Engine | undefined)?.close();
  });

  it("finds what WebAssembly finds over 2^19 nonces", async () => {
    const wasm = await createWasmEngine();
    const request = { prefix: getBytes(bytes32("many")), target: ALL >> 9n, first: 3n, end: 3n + (1n << 19n) };
    const [found, expected] = [await exhaust(engine, request), await exhaust(wasm, request)];
    await wasm.close();
    expect(found).to.deep.equal(expected);
    expect(found.nonces.length).to.be.greaterThan(900);
    expect(found.hashes).to.equal(2 ** 19);
  });

  it("finds the same with the rounds written out, as on real GPUs", async () => {
    const program = new URL("../../fixtures/pow/unrolledDevice.ts", import.meta.url);
    const unrolled = gpu.engine({ program });
    const request = { prefix: bytes, target: ALL >> 9n, end: 1n << 18n };
    const [found, expected] = [await exhaust(unrolled, request), await exhaust(engine, request)];
    await unrolled.close();
    expect(found).to.deep.equal(expected);
  });

  for (const [label, middle] of [
    ["2^32", 1n << 32n],
    ["2^63", 1n << 63n],
  ] as const) {
    it(`finds what @noble/hashes finds where nonces cross ${label}`, async () => {
      const [first, end, target] = [middle - 1501n, middle + 1500n, ALL >> 3n];
      const { hashes, nonces } = await exhaust(engine, { prefix: bytes, target, first, end });
      expect(hashes).to.equal(3001);
      expect(nonces).to.deep.equal(hitsByNoble(bytes, target, first, end));
    });
  }

  it("tries every nonce of a range once, and ends at its end", async () => {
    for (const [first, end] of [
      [77n, 20_078n],
      [0n, 1n],
      [5n, 5n],
    ] as const) {
      const { hashes, nonces } = await exhaust(engine, { prefix: bytes, target: ALL, first, end });
      expect(hashes).to.equal(Number(end - first));
      expect(nonces).to.deep.equal(Array.from({ length: hashes }, (_, index) => first + BigInt(index)));
    }
  });

  it("takes a hash at the target, and none just above it, by all of the first 64 bits", async () => {
    // Targets whose upper 32 bits are those of the hash: the lower ones decide.
    for (let nonce = 100n; nonce < 108n; nonce++) {
      const top = attemptHash(bytes, nonce) >> 192n;
      const found = async (targetTop: bigint): Promise<bigint[]> =>
        (await exhaust(engine, { prefix: bytes, target: targetTop << 192n, first: nonce, end: nonce + 1n })).nonces;
      expect(await found(top), "at the target").to.deep.equal([nonce]);
      expect(await found(top - 1n), "just above the target").to.deep.equal([]);
    }
  });

  it("loses no hit where runs have more of them than there is room for", async () => {
    const small = gpu.engine({ hitCapacity: 16 });
    const target = ALL >> 2n;
    const { hashes, nonces } = await exhaust(small, { prefix: bytes, target, end: 5000n });
    await small.close();
    expect(hashes).to.equal(5000);
    expect(nonces).to.deep.equal(hitsByNoble(bytes, target, 0n, 5000n));
  });

  it("shares a search among several devices", async () => {
    const both = gpu.engine({ adapters: [gpu.adapter, gpu.adapter] });
    const request = { prefix: bytes, target: ALL >> 9n, end: 1n << 20n };
    const [found, expected] = [await exhaust(both, request), await exhaust(engine, request)];
    await both.close();
    expect(found).to.deep.equal(expected);
  });

  it("takes a lower target for what it begins from then on", async () => {
    const lower = ALL >> 12n;
    const after: bigint[] = [];
    let reports = 0;
    const search = engine.search({ prefix: bytes, target: ALL >> 6n }, ({ nonces }) => {
      reports++;
      if (reports === 1) search.tighten(lower);
      // Two runs were under way.
      if (reports > 3) after.push(...nonces);
      if (after.length > 3) search.stop();
    });
    await search.finished;
    expect(after.filter((nonce) => attemptHash(bytes, nonce) > lower)).to.deep.equal([]);
  });

  it("stops between two runs, and runs one search at a time", async () => {
    const search = engine.search({ prefix: bytes, target: impossible }, () => undefined);
    expect(() => engine.search({ prefix: bytes, target: impossible }, () => undefined)).to.throw("already searching");
    search.stop();
    await search.finished;
    expect((await exhaust(engine, { prefix: bytes, target: impossible, end: 10n })).hashes).to.equal(10);
  });

  it("solves, and names the adapter as software", async () => {
    const own = gpu.engine();
    const solution = await solve({ prefix, target: EASY_TARGET, engine: own });
    expect(verifyNonces({ prefix, target: EASY_TARGET, nonces: solution.nonces }).valid).to.equal(true);
    const { engine: chosen, kind } = await chooseEngine("webgpu-software", { webgpu });
    await chosen.close();
    expect(chosen.device).to.contain(gpu.adapter.description).and.to.contain("software, not a GPU");
    expect(kind.unit).to.equal("CpuCore");
  });

  it("is no GPU for who asks for one", async () => {
    const error = await chooseEngine("webgpu", { webgpu }).then(
      () => undefined,
      (refusal: unknown) => refusal,
    );
    // A machine with a GPU has one for this test too.
    if (error === undefined) return;
    expect(error).to.be.instanceOf(EngineUnusableError);
    expect((error as EngineUnusableError).problem)
      .to.match(/^There is no GPU here, only /)
      .and.to.contain("which is software");
  });

  for (const [lie, change] of Object.entries(LIES)) {
    it(`is refused when it ${lie}`, async () => {
      const liar = changed(gpu.engine(), change);
      const refusal = await chooseEngine("liar", {}, [kindOf("liar", () => Promise.resolve(liar))]).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(refusal).to.be.instanceOf(EngineUnusableError);
      expect((refusal as EngineUnusableError).problem).to.contain("computes wrong hashes");
      expect(liar.closed).to.equal(true);
    });
  }

  it("gives way to other programs as it is told", async function () {
    if (process.platform !== "linux") this.skip();
    const children = (): string[] =>
      readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").split(" ").filter(Boolean);
    const before = children();
    const nice = gpu.engine({ niceness: 7 });
    await nice.prepare();
    const [child] = children().filter((pid) => !before.includes(pid));
    // The 19th field of all, the 17th after the program's name.
    const fields = readFileSync(`/proc/${child!}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    await nice.close();
    expect(fields[16]).to.equal("7");
  });

  it("lets the process end, and ends with it even if the driver would not", async function () {
    if (process.platform !== "linux") this.skip();
    const source = (name: string): string => JSON.stringify(new URL(`../../../src/pow/${name}`, import.meta.url).href);
    const parts = { name: "lingering", module: gpu.module, adapters: [gpu.adapter], threads: 1, niceness: 0 };
    const program = `
      import { readFileSync } from "node:fs";
      import { createProver } from ${source("index.ts")};
      import { WebGpuEngine } from ${source("webgpu/engine.ts")};
      process.env.DAWN_TEST_FAILURE = "linger";
      const engine = new WebGpuEngine({ ...${JSON.stringify(parts)}, program: new URL(${JSON.stringify(FAILING.href)}) });
      const prover = await createProver({ engine });
      const { nonces } = await prover.solve({ prefix: "0x" + "11".repeat(32), target: 1n << 251n });
      const children = readFileSync("/proc/self/task/" + process.pid + "/children", "utf8").trim();
      console.log(JSON.stringify([nonces.length, children.split(" ").map(Number)]));
    `;
    const outcome = await runNode("--input-type=module", "-e", program);
    expect(outcome.code, outcome.stderr).to.equal(0);
    const [length, children] = JSON.parse(outcome.stdout) as [number, number[]];
    expect([length, children.length]).to.deep.equal([1024, 1]);
    const deadline = Date.now() + 5000;
    while (children.some(isRunning)) {
      expect(Date.now(), "its process is still there").to.be.lessThan(deadline);
      await setTimeout(50);
    }
  });

  describe("when a device fails in the midst of a search", () => {
    const failing = async (failure: string): Promise<{ message: string; again: number }> => {
      process.env["DAWN_TEST_FAILURE"] = failure;
      const dying = gpu.engine({ program: FAILING, patience: 3000 });
      try {
        const error = await errorOf(dying.search({ prefix: bytes, target: impossible }, () => undefined).finished);
        expect(error.code).to.equal("WORKER_FAILED");
        process.env["DAWN_TEST_FAILURE"] = "none";
        const { hashes } = await exhaust(dying, { prefix: bytes, target: impossible, end: 5000n });
        return { message: error.message, again: hashes };
      } finally {
        delete process.env["DAWN_TEST_FAILURE"];
        await dying.close();
      }
    };

    for (const [failure, said] of [
      ["lose", "the device was lost"],
      ["crash", "its process crashed (SIGABRT)"],
      ["hang", "it said nothing for 3 s"],
    ] as const) {
      it(`says so and searches again with a new one: ${failure}`, async () => {
        const { message, again } = await failing(failure);
        expect(message).to.contain(said);
        expect(again).to.equal(5000);
      });
    }

    it("says so when it is closed", async () => {
      const closed = gpu.engine();
      await closed.prepare();
      const failed = codeOf(closed.search({ prefix: bytes, target: impossible }, () => undefined).finished);
      await closed.close();
      expect(await failed).to.equal("WORKER_FAILED");
    });
  });
});
