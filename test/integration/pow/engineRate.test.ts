import { expect } from "chai";

import { chooseEngine, createWasmEngine, type Engine, type EngineReport, engineRate } from "../../../src/pow/index.ts";
import { changed, kindOf } from "../../fixtures/pow/engines.ts";
import { scriptedEngine } from "../../fixtures/pow/proofSearch.ts";

/** What measuring an engine whose reports are changed fails with. */
async function faultOf(change: (report: EngineReport) => EngineReport): Promise<string> {
  const engine = changed(await createWasmEngine({ threads: 1 }), change);
  try {
    await engineRate(engine, { warmUp: 0.1, seconds: 0.3 });
    return "none";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await engine.close();
  }
}

/** An engine that computes nothing, and counts by a script: the first time it warms up. */
function counting(...counts: readonly number[]): Engine {
  let searches = 0;
  return scriptedEngine((onReport) => {
    onReport({ hashes: counts[Math.min(searches++, counts.length - 1)] ?? 0, nonces: [] });
    return new Promise((resolve) => setTimeout(resolve, 20));
  });
}

describe("The rate of an engine", () => {
  it("is measured where hits show that attempts were made", async () => {
    expect(await faultOf((report) => report)).to.equal("none");
  });

  it("is none where it counts attempts that it does not make", async () => {
    expect(await faultOf(({ hashes, nonces }) => ({ hashes: 2 * hashes, nonces }))).to.match(
      /^The engine wasm-\w+ finds \d+ hits where \d+ were to be expected of the attempts that it counts, so its rate says nothing/,
    );
  });

  it("is none where it loses every other hit, or reports what is no hit, or a hit twice", async () => {
    expect(await faultOf(({ hashes, nonces }) => ({ hashes, nonces: nonces.filter((n) => n % 2n === 0n) }))).to.contain(
      "were to be expected",
    );
    expect(await faultOf(({ hashes, nonces }) => ({ hashes, nonces: nonces.map((n) => n ^ 1n) }))).to.match(
      /reports nonce \d+, whose hash is too large/,
    );
    expect(await faultOf(({ hashes, nonces }) => ({ hashes, nonces: [...nonces, ...nonces] }))).to.contain(
      "reports a nonce twice",
    );
  });

  for (const [what, counts] of Object.entries({
    "as it warms up and as it is measured": [1e12, 1e12],
    "only after it has warmed up": [0, 1e12],
    "ever less, so that no hits are to be expected": [1e15, 1e12, 1e9, 1e7, 1e5],
  })) {
    it(`is none where it makes all of it up, ${what}`, async () => {
      const error = await engineRate(counting(...counts), { warmUp: 0.01, seconds: 0.01 }).catch((e: unknown) => e);
      expect(error).to.have.property("name", "InputError");
    });
  }

  it("is nothing where it counts nothing", async () => {
    expect(await engineRate(counting(0), { warmUp: 0.01, seconds: 0.01 })).to.equal(0);
  });

  it("leaves the proof to another engine where it is made up, or fails while it is measured", async () => {
    let searches = 0;
    const failing: Engine = {
      ...changed(await createWasmEngine({ threads: 1 }), (report) => report),
      name: "failing",
    };
    const search = failing.search.bind(failing);
    const later: Engine = {
      ...failing,
      search(request, onReport) {
        searches += 1;
        // The three ranges of its test it searches.
        if (searches <= 3) return search(request, onReport);
        return { tighten: () => undefined, stop: () => undefined, finished: Promise.reject(new Error("it is lost")) };
      },
    };
    const boaster = changed(await createWasmEngine({ threads: 1 }), ({ hashes, nonces }) => ({
      hashes: hashes > 10_000 ? 10 * hashes : hashes,
      nonces,
    }));
    const kinds = [
      kindOf("failing", () => Promise.resolve(later)),
      kindOf("boaster", () => Promise.resolve(boaster)),
      kindOf("right", () => createWasmEngine({ threads: 1 })),
    ];
    const { kind, engine, refused } = await chooseEngine("auto", {}, kinds);
    await engine.close();
    expect(kind.name).to.equal("right");
    expect(refused.map(({ engine: name, isWrong }) => [name, isWrong])).to.deep.equal([
      ["failing", false],
      ["boaster", true],
    ]);
    expect(boaster.closed).to.equal(true);
  });
});
