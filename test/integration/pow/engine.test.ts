import { expect } from "chai";
import { getBytes } from "ethers";

import { createWasmEngine, type Engine, type EngineRequest, ProofSearchError } from "../../../src/pow/index.ts";
import { bytes32, EASY_TARGET as target, hitsByEthers } from "../../fixtures/pow.ts";
import { impossible, prefix } from "../../fixtures/pow/proofSearch.ts";

/** All that an engine reports over a range. */
async function exhaust(engine: Engine, request: EngineRequest): Promise<{ hashes: number; nonces: bigint[] }> {
  let hashes = 0;
  const nonces: bigint[] = [];
  await engine.search(request, (report) => {
    hashes += report.hashes;
    nonces.push(...report.nonces);
  }).finished;
  return { hashes, nonces: nonces.sort((a, b) => Number(a - b)) };
}

describe("Engine", () => {
  for (const variant of ["scalar", "simd"] as const) {
    describe(variant, () => {
      let engine: Engine;

      before(async () => {
        engine = await createWasmEngine({ variant, threads: 3 });
      });
      after(() => engine.close());

      it("finds with several threads exactly the hits that ethers finds", async () => {
        expect(engine.name).to.equal(`wasm-${variant}`);
        const bytes = getBytes(bytes32(variant));
        const { hashes, nonces } = await exhaust(engine, { prefix: bytes, target: target / 16n, end: 12_345n });
        expect(hashes).to.equal(12_345);
        expect(nonces).to.deep.equal(hitsByEthers(bytes, target / 16n, 0n, 12_345n));
      });

      it("tries every nonce of a range once", async () => {
        const every = await exhaust(engine, {
          prefix: getBytes(prefix),
          target: 2n ** 256n - 1n,
          first: 77n,
          end: 20_078n,
        });
        expect(every.hashes).to.equal(20_001);
        expect(every.nonces).to.deep.equal(Array.from({ length: 20_001 }, (_, index) => 77n + BigInt(index)));
      });

      it("ends at the end of its range, also where a thread comes to exactly that", async () => {
        for (const end of [256n, 1024n]) {
          const { hashes } = await exhaust(engine, { prefix: getBytes(prefix), target: 2n ** 256n - 1n, end });
          expect(hashes).to.equal(Number(end));
        }
      });

      it("runs one search at a time", async () => {
        const first = engine.search({ prefix: getBytes(prefix), target: impossible }, () => undefined);
        expect(() => engine.search({ prefix: getBytes(prefix), target }, () => undefined))
          .to.throw(ProofSearchError)
          .with.property("code", "BUSY");
        first.stop();
        await first.finished;
      });
    });
  }
});
