import { expect } from "chai";
import { getBytes } from "ethers";

import {
  createProver,
  type Prover,
  type SearchProgress,
  solve,
  unpackNonces,
  verifyNonces,
} from "../../../src/pow/index.ts";
import { compileKernel } from "../../../src/pow/kernel/compile.ts";
import { Kernel } from "../../../src/pow/kernel/kernel.ts";
import { MAX_CHUNK } from "../../../src/pow/kernel/layout.ts";
import { bytes32, EASY_TARGET as target, expectNear, hitsByEthers } from "../../fixtures/pow.ts";
import { codeOf, errorOf, impossible, prefix, scriptedEngine, silentEngine } from "../../fixtures/pow/proofSearch.ts";

/** The nonces below `end` whose hash is at most the target, by the kernel, which has tests of its own. */
async function hitsByKernel(bytes: Uint8Array, limit: bigint, end: number): Promise<bigint[]> {
  const kernel = new Kernel((await compileKernel("simd")).module);
  kernel.setPrefix(bytes);
  kernel.setTargetTop(limit >> 192n);
  const hits: bigint[] = [];
  for (let first = 0; first < end; first += MAX_CHUNK) {
    hits.push(...kernel.search(BigInt(first), Math.min(MAX_CHUNK, end - first)));
  }
  return hits;
}

describe("Prover", () => {
  describe("solve", () => {
    let prover: Prover;

    before(async () => {
      prover = await createProver({ threads: 2 });
    });
    after(() => prover.close());

    it("finds an answer again and again with the same threads", async () => {
      for (const label of ["epoch 1", "epoch 2", "epoch 3"]) {
        const solution = await prover.solve({ prefix: bytes32(label), target });
        const verdict = verifyNonces({ prefix: bytes32(label), target, nonces: solution.nonces });
        expect(verdict).to.deep.equal({ valid: true, largestHash: solution.largestHash });
        expect(solution.hashes).to.be.at.least(128);
        expectNear(solution.rate, solution.hashes / solution.seconds, 1);
      }
    });

    it("gives the smallest hashes of all that it tried, however long it improves", async () => {
      const one = await createProver({ threads: 1, engine: "wasm-scalar" });
      try {
        for (const milliseconds of [0, 300]) {
          const improveUntil = Date.now() + milliseconds;
          const { nonces, largestHash, hashes } = await one.solve({ prefix, target, count: 16, improveUntil });
          // One thread tries nonces in order, so what it tried is known.
          const best = await hitsByKernel(getBytes(prefix), largestHash, hashes);
          expect(unpackNonces(nonces).sort((a, b) => Number(a - b))).to.deep.equal(best);
        }
      } finally {
        await one.close();
      }
    });

    it("keeps nonces small", async () => {
      const { nonces, hashes } = await prover.solve({ prefix, target });
      expect(unpackNonces(nonces).every((nonce) => nonce < BigInt(hashes) + 100_000n)).to.equal(true);
    });

    it("shows a higher rate when it may improve until later", async () => {
      const improveUntil = Date.now() + 400;
      const slow = await prover.solve({ prefix, target, improveUntil });
      expect(Date.now()).to.be.at.least(improveUntil);
      // Of so many attempts, the 128th smallest hash lies about here (the standard deviation is 9 %).
      const expected = (2 ** 256 * 128) / slow.hashes;
      expect(Number(slow.largestHash) / expected).to.be.within(0.5, 1.6);
      expect(Number(slow.largestHash)).to.be.below(Number(target) / 2);
      expect(verifyNonces({ prefix, target, nonces: slow.nonces }).valid).to.equal(true);
    });

    it("gives at the deadline what it has when that is enough", async () => {
      const solution = await prover.solve({
        prefix,
        target,
        improveUntil: Date.now() + 60_000,
        deadline: Date.now() + 300,
      });
      expect(verifyNonces({ prefix, target, nonces: solution.nonces }).valid).to.equal(true);
      expect(solution.seconds).to.be.below(5);
    });

    it("stops improving on time though the engine is silent", async () => {
      const engine = silentEngine(hitsByEthers(getBytes(prefix), target, 0n, 8192n).slice(0, 128));
      const solution = await solve({
        prefix,
        target,
        engine,
        improveUntil: Date.now() + 100,
        deadline: Date.now() + 5000,
      });
      expect(solution.seconds).to.be.within(0.05, 3);
    });

    it("reports its progress", async () => {
      const reports: SearchProgress[] = [];
      const { hashes } = await prover.solve({ prefix, target, onProgress: (progress) => reports.push(progress) });
      expect(reports.at(-1)).to.include({ hashes, found: 128, count: 128 });
      const counts = reports.map((report) => report.hashes);
      expect(counts).to.deep.equal([...counts].sort((a, b) => a - b));
    });

    describe("given it cannot succeed", () => {
      it("fails at the deadline, saying how far it came", async () => {
        const error = await errorOf(prover.solve({ prefix, target: impossible, deadline: Date.now() + 250 }));
        expect(error.code).to.equal("DEADLINE");
        expect(error.message).to.contain("0 of 128");
        expect(error.progress?.hashes).to.be.greaterThan(0);
        expect(error.progress?.seconds).to.be.within(0.2, 5);
      });

      it("fails at once when the deadline is past", async () => {
        expect(await codeOf(prover.solve({ prefix, target: impossible, deadline: 0 }))).to.equal("DEADLINE");
      });

      it("is aborted by the caller, with the reason as the cause", async () => {
        const controller = new AbortController();
        const reason = new Error("the epoch is over");
        setTimeout(() => {
          controller.abort(reason);
        }, 100);
        const error = await errorOf(prover.solve({ prefix, target: impossible, signal: controller.signal }));
        expect(error).to.include({ code: "ABORTED", cause: reason });
      });

      it("does not begin when it is aborted before", async () => {
        const error = await errorOf(prover.solve({ prefix, target, signal: AbortSignal.abort() }));
        expect(error.code).to.equal("ABORTED");
        expect(error.progress?.hashes).to.equal(0);
      });

      it("can search again afterwards", async () => {
        expect((await prover.solve({ prefix, target })).nonces.length).to.equal(1024);
      });
    });

    describe("given a request that makes no sense", () => {
      it("refuses targets out of range", async () => {
        for (const bad of [0n, -1n, 1n << 256n, 5 as unknown as bigint]) {
          expect(await codeOf(prover.solve({ prefix, target: bad }))).to.equal("INVALID_TARGET");
        }
      });

      it("refuses prefixes that are not 32 bytes", async () => {
        for (const bad of ["0x", "0x1234", "nothing", new Uint8Array(33), undefined as unknown as string]) {
          expect(await codeOf(prover.solve({ prefix: bad, target }))).to.equal("INVALID_PREFIX");
        }
      });

      it("refuses counts, times and thread numbers that are none", async () => {
        for (const bad of [{ count: 0 }, { count: 1.5 }, { deadline: Number.NaN }, { improveUntil: Infinity }]) {
          expect(await codeOf(prover.solve({ prefix, target, ...bad }))).to.equal("INVALID_OPTION");
        }
        for (const threads of [0, -1, 1.5]) {
          expect(await codeOf(solve({ prefix, target, threads }))).to.equal("INVALID_OPTION");
        }
      });
    });

    it("runs one search at a time", async () => {
      const first = prover.solve({ prefix, target });
      expect(await codeOf(prover.solve({ prefix, target }))).to.equal("BUSY");
      await first;
    });

    it("asks an engine of one's own for one search at a time", async () => {
      const busy = await createProver({ engine: silentEngine([]) });
      const first = codeOf(busy.solve({ prefix, target }));
      expect(await codeOf(busy.solve({ prefix, target, deadline: 0 }))).to.equal("BUSY");
      await busy.close();
      expect(await first).to.equal("ABORTED");
    });

    it("throws what onProgress throws, and goes on living", async () => {
      const broken = new Error("broken progress bar");
      const search = prover.solve({
        prefix,
        target,
        onProgress() {
          throw broken;
        },
      });
      expect(await search.catch((error: unknown) => error)).to.equal(broken);
      expect((await prover.solve({ prefix, target })).nonces.length).to.equal(1024);
    });
  });

  describe("close", () => {
    it("aborts the search under way and refuses the next", async () => {
      const prover = await createProver({ threads: 1 });
      const search = codeOf(prover.solve({ prefix, target: impossible }));
      await prover.close();
      expect(await search).to.equal("ABORTED");
      expect(await codeOf(prover.solve({ prefix, target }))).to.equal("CLOSED");
      await prover.close();
    });

    it("aborts a search that has a signal of its own", async () => {
      const prover = await createProver({ threads: 1 });
      const { signal } = new AbortController();
      const search = codeOf(prover.solve({ prefix, target: impossible, signal, deadline: Date.now() + 5000 }));
      await prover.close();
      expect(await search).to.equal("ABORTED");
    });

    it("happens after a single solve, whether it succeeds or fails", async () => {
      const hits = hitsByEthers(getBytes(prefix), target, 0n, 8192n).slice(0, 128);
      const succeeding = scriptedEngine((onReport) =>
        Promise.resolve().then(() => {
          onReport({ hashes: 8192, nonces: hits });
        }),
      );
      await solve({ prefix, target, engine: succeeding });
      expect(succeeding.closed).to.equal(true);
      const failing = scriptedEngine(() => Promise.reject(new Error("lost")));
      await errorOf(solve({ prefix, target, engine: failing }));
      expect(failing.closed).to.equal(true);
    });

    it("closes an engine of one's own", async () => {
      const engine = scriptedEngine(() => Promise.resolve());
      await (await createProver({ engine })).close();
      expect(engine.closed).to.equal(true);
    });
  });
});
