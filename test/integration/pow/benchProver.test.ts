import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { type Figures, type Goal, goalsOf } from "../../../scripts/bench/prover/goals.ts";
import { openWorkshop } from "../../fixtures/pow/nativeCode.ts";
import { isNatsUsable } from "../../fixtures/pow/remote/natsServer.ts";
import { runNodeFor } from "../../fixtures/pow/plainNode.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

const figures: Figures = {
  threads: 2,
  loops: { avx512: 20e6, avx2: 10e6, scalar: 4e6 },
  engines: { "native-avx512": 19e6, "native-avx2": 9e6, "wasm-simd": 3.8e6 },
  side: { "native-avx512": { processor: 0.95, wall: 0.95 } },
  remote: {},
  start: { engine: "native-avx512", median: 50, worst: 900 },
  memory: { bytes: 150e6, isCompiled: true },
};

const missed = (change: Partial<Figures>): string[] =>
  goalsOf({ ...figures, ...change })
    .filter(({ isMet }) => !isMet)
    .map(({ name }) => name);

describe("bench:prover", () => {
  openWorkshop();

  it("asks what the engines must reach, and nothing less", () => {
    expect(missed({})).to.deep.equal([]);
    expect(missed({ engines: { ...figures.engines, "native-avx512": 18.9e6 } })).to.have.length(1);
    expect(missed({ engines: { ...figures.engines, "wasm-simd": 3.79e6 } })).to.have.length(1);
    expect(missed({ side: { "native-avx512": { processor: 0.94, wall: 0.94 } } })).to.have.length(2);
    expect(missed({ start: { ...figures.start, median: 51 } })).to.have.length(1);
    expect(missed({ memory: { bytes: 151e6, isCompiled: true } })).to.have.length(1);
  });

  it("asks more of WebAssembly where C has no AVX-512 either", () => {
    const loops = { avx2: 10e6, scalar: 4e6 };
    const engines = { "native-avx2": 9.6e6, "wasm-simd": 4.9e6 };
    expect(missed({ loops, engines })).to.deep.equal(["WebAssembly SIMD, as a share of plain C with avx2"]);
    expect(missed({ loops, engines: { ...engines, "wasm-simd": 5e6 } })).to.deep.equal([]);
  });

  it("measures every engine of this machine beside plain C, in one document", async () => {
    const args = [join(root, "scripts/bench/prover.ts"), "--json", "--check", "--seconds", "0.1", "--rounds", "2"];
    const { code, stdout, stderr } = await runNodeFor(180, ...args);
    const fails = (JSON.parse(stdout) as { goals: Goal[] }).goals.some(({ isMet }) => !isMet);
    expect(code, stderr).to.equal(fails ? 1 : 0);
    const { goals, engines, loops, start, memory, remote } = JSON.parse(stdout) as Figures & { goals: Goal[] };
    expect(engines).to.include.keys("native-scalar", "wasm-simd", "wasm-scalar");
    expect(loops).to.include.keys("scalar");
    // Less than is asked, since the machine may do anything else meanwhile; what is asked is `npm run bench:prover -- --check`.
    for (const [set, rate = 0] of Object.entries(loops)) {
      expect(engines[`native-${set}`], set).to.be.greaterThan(0.6 * rate);
    }
    expect(start.median).to.be.within(0, 1000);
    expect(memory.bytes).to.be.within(30e6, 400e6);
    if (isNatsUsable()) {
      expect(Object.keys(remote)).to.deep.equal(["0", "25", "100"]);
      for (const [delay, share] of Object.entries(remote)) expect(share, delay).to.be.within(0.05, 2);
    }
    expect(goals.map(({ name }) => name).join()).to.contain("as a share of the same plain C");
  });
});
