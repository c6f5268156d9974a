import { expect } from "chai";
import { getBytes } from "ethers";

import {
  attemptHash,
  createProver,
  createWasmEngine,
  type EngineReport,
  type EngineRequest,
  type EngineSearch,
  solve,
  verifyNonces,
} from "../../../src/pow/index.ts";
import { EASY_TARGET as target, hitsByEthers } from "../../fixtures/pow.ts";
import { changed, kindOf } from "../../fixtures/pow/engines.ts";
import { codeOf, errorOf, impossible, prefix, scriptedEngine, silentEngine } from "../../fixtures/pow/proofSearch.ts";

describe("Prover with a failing engine", () => {
  const solveWith = async (run: (onReport: (report: EngineReport) => void) => Promise<void>): Promise<unknown> =>
    solve({ prefix, target, engine: scriptedEngine(run) });

  it("fails when a worker cannot start, and does not hang", async () => {
    const engine = await createWasmEngine({ threads: 2, workerFile: new URL("./none.ts", import.meta.url) });
    const error = await errorOf(solve({ prefix, target, engine }));
    expect(error.code).to.equal("WORKER_FAILED");
    expect(error.message).to.contain("none.ts");
  });

  it("fails when a worker dies in the midst, and starts new ones for the next search", async () => {
    const engine = await createWasmEngine({ threads: 2 });
    const dying = engine.search({ prefix: getBytes(prefix), target: impossible }, () => undefined);
    const died = codeOf(dying.finished);
    await engine.close();
    expect(await died).to.equal("WORKER_FAILED");
    const solution = await solve({ prefix, target, engine });
    expect(verifyNonces({ prefix, target, nonces: solution.nonces }).valid).to.equal(true);
  });

  it("reports other engines' failures as failed workers", async () => {
    const cause = new Error("the device is lost");
    const error = await errorOf(solveWith(() => Promise.reject(cause)));
    expect(error).to.include({ code: "WORKER_FAILED", cause });
  });

  it("does not believe a nonce whose hash is too large", async () => {
    const [good] = hitsByEthers(getBytes(prefix), target, 0n, 1000n);
    const liar = solveWith((onReport) => {
      onReport({ hashes: 1, nonces: [good!] });
      onReport({ hashes: 1, nonces: [good! + 1n] });
      return Promise.resolve();
    });
    expect(await errorOf(liar))
      .to.have.property("message")
      .that.contains("too large");
  });

  it("does not count a nonce whose hash exceeds the target in its last bits only", async () => {
    const [good] = hitsByEthers(getBytes(prefix), target, 0n, 1000n);
    const hash = attemptHash(getBytes(prefix), good!);
    const found = async (limit: bigint): Promise<number | undefined> => {
      const search = solve({ prefix, target: limit, engine: silentEngine([good!]), deadline: Date.now() + 100 });
      return (await errorOf(search)).progress?.found;
    };
    expect(await found(hash)).to.equal(1);
    expect(await found(hash - 1n)).to.equal(0);
  });

  it("does not count a nonce twice", async () => {
    const [good] = hitsByEthers(getBytes(prefix), target, 0n, 1000n);
    const error = await errorOf(
      solveWith((onReport) => {
        onReport({ hashes: 1, nonces: [good!, good!] });
        return Promise.resolve();
      }),
    );
    expect(error.code).to.equal("ENGINE_INCORRECT");
    expect(error.message).to.contain("twice");
  });

  it("notices an engine that stops by itself", async () => {
    expect(await codeOf(solveWith(() => Promise.resolve()))).to.equal("ENGINE_INCORRECT");
  });

  describe("chosen by itself", () => {
    /** An engine that is right until it is told to turn. */
    const turning = async (turn: (search: EngineSearch, onReport: (report: EngineReport) => void) => EngineSearch) => {
      const honest = changed(await createWasmEngine({ threads: 1 }), (report) => report);
      return {
        ...honest,
        name: "turning",
        hasTurned: false,
        search(request: EngineRequest, onReport: (report: EngineReport) => void): EngineSearch {
          const search = honest.search(request, onReport);
          return this.hasTurned ? turn(search, onReport) : search;
        },
      };
    };
    const liar = async () =>
      turning((search, onReport) => {
        setImmediate(() => {
          onReport({ hashes: 1, nonces: [1n << 40n] });
        });
        return search;
      });
    const crashing = async () =>
      turning((search) => {
        search.stop();
        return { ...search, finished: search.finished.then(() => Promise.reject(new Error("the device is lost"))) };
      });

    for (const [what, make, code, isWrong] of [
      ["lies", liar, "ENGINE_INCORRECT", true],
      ["fails", crashing, "WORKER_FAILED", false],
    ] as const) {
      it(`gives way to the next best when it ${what} only then, and no sooner`, async () => {
        const first = await make();
        const other = kindOf("other", () => createWasmEngine({ threads: 1, cpuShare: 0.2 }));
        const prover = await createProver({}, [kindOf("turning", () => Promise.resolve(first)), other]);
        try {
          expect(prover.engine).to.equal("turning");
          first.hasTurned = true;
          const { nonces } = await prover.solve({ prefix, target });
          expect(verifyNonces({ prefix, target, nonces }).valid).to.equal(true);
          expect(prover.engine).to.match(/^wasm-/);
          expect(prover.refused.map(({ engine, isWrong: wrong }) => [engine, wrong])).to.deep.equal([
            ["turning", isWrong],
          ]);
        } finally {
          await prover.close();
        }
      });

      it(`ends the search where it ${what} and there is no other`, async () => {
        const first = await make();
        const gone = kindOf("gone", () => Promise.reject(new Error("it is gone")));
        const prover = await createProver({}, [kindOf("turning", () => Promise.resolve(first)), gone]);
        try {
          await prover.solve({ prefix, target });
          first.hasTurned = true;
          expect(await codeOf(prover.solve({ prefix, target }))).to.equal(code);
        } finally {
          await prover.close();
        }
      });
    }
  });
});
