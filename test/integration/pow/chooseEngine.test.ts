import { expect } from "chai";

import {
  chooseEngine,
  createProver,
  createWasmEngine,
  type Engine,
  ENGINE_KINDS,
  engineNames,
  EngineUnusableError,
  type EngineReport,
} from "../../../src/pow/index.ts";
import { InputError } from "../../../src/inputError.ts";
import { changed, kindOf, LIES } from "../../fixtures/pow/engines.ts";
import { builtIn, openWorkshop } from "../../fixtures/pow/nativeCode.ts";
import { scriptedEngine } from "../../fixtures/pow/proofSearch.ts";

const honest = (report: EngineReport): EngineReport => report;

/** A WebAssembly engine that a test looks at, with a name of its own. */
async function watched(name: string, change = honest, threads = 1): Promise<Engine & { closed: boolean }> {
  const engine = changed(await createWasmEngine({ threads }), change);
  return { ...engine, name };
}

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("Choice of an engine", () => {
  it("takes the fastest of those that are right, and closes the others", async () => {
    const fast = await watched("fast");
    // Most of the time, this one does nothing.
    const resting = await createWasmEngine({ threads: 1, cpuShare: 0.1 });
    const slow = { ...changed(resting, honest), name: "slow" };
    const kinds = [kindOf("slow", () => Promise.resolve(slow)), kindOf("fast", () => Promise.resolve(fast))];
    const { engine, kind, refused } = await chooseEngine("auto", {}, kinds);
    expect([engine.name, kind.name, refused]).to.deep.equal(["fast", "fast", []]);
    expect([slow.closed, fast.closed]).to.deep.equal([true, false]);
    await engine.close();
  });

  it("names those that cannot be used here, with the reason", async () => {
    const reason = "There is no such device";
    const broken = kindOf("broken", () => Promise.reject(new EngineUnusableError(reason, "Buy one.")));
    const kinds = [broken, kindOf("right", () => watched("right"))];
    const { engine, refused } = await chooseEngine("auto", {}, kinds);
    await engine.close();
    expect(engine.name).to.equal("right");
    expect(refused).to.deep.equal([{ engine: "broken", reason, isWrong: false }]);
    expect(await errorOf(chooseEngine("broken", {}, kinds))).to.include({ problem: reason, remedy: "Buy one." });
  });

  it("passes over one that is chosen by its name alone", async () => {
    const named = { ...kindOf("named", () => watched("named")), isOffered: () => false };
    const kinds = [named, kindOf("other", () => watched("other"))];
    const { engine, refused } = await chooseEngine("auto", {}, kinds);
    const byName = await chooseEngine("named", {}, kinds);
    await Promise.all([engine.close(), byName.engine.close()]);
    expect([engine.name, byName.engine.name, refused]).to.deep.equal(["other", "named", []]);
  });

  it("fails when none is left, saying why of each", async () => {
    const gone = ["one", "two"].map((name) =>
      kindOf(name, () => Promise.reject(new EngineUnusableError(`The device ${name} is gone`, ""))),
    );
    const error = await errorOf(chooseEngine("auto", {}, gone));
    expect(error).to.be.instanceOf(EngineUnusableError);
    expect((error as Error).message)
      .to.contain("The device one is gone")
      .and.to.contain("The device two is gone");
  });

  it("passes over one that fails in a way that nobody foresaw", async () => {
    const kinds = [
      kindOf("defective", () => Promise.reject(new Error("a defect"))),
      kindOf("right", () => watched("right")),
    ];
    const { engine, refused } = await chooseEngine("auto", {}, kinds);
    await engine.close();
    expect(engine.name).to.equal("right");
    expect(refused).to.deep.equal([{ engine: "defective", reason: "It failed: a defect", isWrong: false }]);
  });

  it("refuses options that make no sense, and closes what it has opened", async () => {
    const first = await watched("first");
    const kinds = [kindOf("first", () => Promise.resolve(first)), ...ENGINE_KINDS];
    expect(await errorOf(chooseEngine("auto", { threads: 0 }, kinds))).to.have.property("code", "INVALID_OPTION");
    expect(first.closed).to.equal(true);
    expect(await errorOf(chooseEngine("wasm", { niceness: 20 }))).to.have.property("code", "INVALID_OPTION");
    for (const cpuShare of [0, 1.01, Number.NaN]) {
      expect(await errorOf(chooseEngine("wasm", { cpuShare }))).to.have.property("code", "INVALID_OPTION");
    }
  });

  it("does not wait for ever for a device that is silent", async () => {
    const silent = { ...scriptedEngine(() => new Promise(() => undefined)), name: "silent" };
    const kinds = [kindOf("silent", () => Promise.resolve(silent)), kindOf("right", () => watched("right"))];
    const { engine, refused } = await chooseEngine("auto", {}, kinds, 500);
    await engine.close();
    expect(engine.name).to.equal("right");
    expect(refused[0]?.reason).to.contain("did not answer its self-test within 0.5 s");
    expect(silent.closed).to.equal(true);
  });

  it("passes over one that fails its self-test by failing", async () => {
    const failing = scriptedEngine(() => Promise.reject(new Error("the device is lost")));
    const kinds = [kindOf("failing", () => Promise.resolve(failing)), kindOf("right", () => watched("right"))];
    const { engine, refused } = await chooseEngine("auto", {}, kinds);
    await engine.close();
    expect(refused).to.have.nested.property("[0].reason").that.contains("failed its self-test");
    expect(failing.closed).to.equal(true);
  });

  it("takes the one that is named or none, and knows what they are called", async () => {
    const { engine } = await chooseEngine("wasm-scalar", { threads: 1 });
    await engine.close();
    expect(engine.name).to.equal("wasm-scalar");
    const error = await errorOf(chooseEngine("opencl"));
    expect(error).to.be.instanceOf(InputError).and.not.to.be.instanceOf(EngineUnusableError);
    expect((error as InputError).remedy)
      .to.contain("auto, native, native-avx512")
      .and.to.contain("wasm-simd");
    expect(engineNames()).to.include.members(["auto", "native-neon", "wasm", "wasm-scalar"]);
  });

  it("is what a prover tells of", async () => {
    const prover = await createProver({ threads: 1, native: { use: "off" } });
    await prover.close();
    expect(prover.engine).to.equal("wasm-simd");
    expect(prover.device).not.to.equal("");
    expect(prover.refused).to.deep.include({
      engine: "native",
      reason: "Native code is switched off",
      isWrong: false,
    });
  });

  describe("given an engine that is wrong", () => {
    const workshop = openWorkshop();
    const built = builtIn(workshop);

    for (const [lie, change] of Object.entries(LIES)) {
      // Those for GPUs have tests of their own, since hardly any machine has one.
      const usual = ENGINE_KINDS.filter(
        ({ name, isOffered }) => !name.startsWith("webgpu") && (isOffered?.({}) ?? true),
      );
      for (const { name } of usual) {
        it(`refuses ${name} when it ${lie}`, async () => {
          const native = { folder: workshop.file("built") };
          expect(built.code.usable).not.to.deep.equal([]);
          const right = await chooseEngine(name, { threads: 2, native });
          const liar = changed(right.engine, change);
          const kinds = [kindOf(name, () => Promise.resolve(liar)), kindOf("right", () => watched("right"))];
          const { engine, refused } = await chooseEngine("auto", {}, kinds);
          await engine.close();
          expect(engine.name).to.equal("right");
          expect(refused).to.have.length(1);
          expect(refused[0]).to.include({ engine: name, isWrong: true });
          expect(refused[0]?.reason).to.contain(`${right.engine.name} computes wrong hashes`);
          expect(liar.closed).to.equal(true);
          const error = await errorOf(chooseEngine(name, {}, kinds));
          expect(error).to.be.instanceOf(EngineUnusableError);
        });
      }
    }
  });
});
