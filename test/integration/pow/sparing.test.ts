import { readdirSync, readFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

import { expect } from "chai";
import { getBytes } from "ethers";

import { createWasmEngine, engineRate, solve } from "../../../src/pow/index.ts";
import { Pace } from "../../../src/pow/pace.ts";
import { EASY_TARGET as target } from "../../fixtures/pow.ts";
import { impossible, prefix } from "../../fixtures/pow/proofSearch.ts";

/** How much each thread of this process gives way, as the kernel says it. */
function nicenessOfThreads(): number[] {
  return readdirSync("/proc/self/task").map((id) => {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, "utf8");
    // After the name, which is in parentheses, the niceness is the 17th field.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[16]);
  });
}

describe("Sparing the machine while proving", () => {
  const searchingAt = async (niceness: number): Promise<number[]> => {
    const engine = await createWasmEngine({ threads: 2, niceness });
    try {
      await engine.prepare();
      return nicenessOfThreads();
    } finally {
      await engine.close();
    }
  };

  it("makes the searching threads give way, and no other", async function () {
    const own = getPriority();
    if (process.platform !== "linux" || own > 17) this.skip();
    const levels = await searchingAt(18);
    expect(levels.filter((level) => level === 18).length).to.equal(2);
    expect(levels.filter((level) => level === own).length).to.equal(levels.length - 2);
  });

  it("takes nothing back where the process gives way already", async function () {
    const own = getPriority();
    // Only root may take back what it gave up here.
    if (process.platform !== "linux" || process.getuid?.() !== 0 || own > 14) this.skip();
    setPriority(own + 5);
    try {
      expect(Math.min(...(await searchingAt(own + 2)).filter((level) => level > own))).to.equal(own + 5);
    } finally {
      setPriority(own);
    }
  });

  it("keeps each thread to its part of the time", async () => {
    const used = async (cpuShare: number): Promise<number> => {
      const engine = await createWasmEngine({ threads: 1, cpuShare });
      try {
        await engineRate(engine, { seconds: 0.3 });
        const [before, startedAt] = [process.cpuUsage(), performance.now()];
        const rate = await engineRate(engine, { warmUp: 0.1, seconds: 1 });
        expect(rate).to.be.greaterThan(0);
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1000 / (performance.now() - startedAt);
      } finally {
        await engine.close();
      }
    };
    // What a thread does beside hashing, and what others do on the machine, is small.
    expect(await used(0.3)).to.be.within(0.05, 0.42);
    expect(await used(0.1)).to.be.within(0.01, 0.2);
  });

  it("stops at once though a thread rests", async () => {
    const engine = await createWasmEngine({ threads: 1, cpuShare: 0.001 });
    try {
      const search = engine.search({ prefix: getBytes(prefix), target: impossible }, () => undefined);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const startedAt = performance.now();
      search.stop();
      await search.finished;
      // Some ten milliseconds of work are followed by a thousand times as much rest.
      expect(performance.now() - startedAt).to.be.below(5_000);
    } finally {
      await engine.close();
    }
  });

  it("still finds an answer", async () => {
    const { nonces } = await solve({ prefix, target, threads: 2, niceness: 19, cpuShare: 0.5 });
    expect(nonces.length).to.equal(1024);
  });

  describe("the pace", () => {
    it("rests in proportion to the work, and saves up rests that are too short", () => {
      const half = new Pace(0.5);
      expect([half.restAfter(10), half.restAfter(1), half.restAfter(1.5), half.restAfter(0.4)]).to.deep.equal([
        10, 0, 2.5, 0,
      ]);
      expect(new Pace(0.25).restAfter(10)).to.equal(30);
      expect(new Pace(1).restAfter(1000)).to.equal(0);
    });
  });
});
