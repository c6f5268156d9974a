import { expect } from "chai";
import { getBytes } from "ethers";

import {
  attemptHash,
  chooseEngine,
  createWasmEngine,
  type Engine,
  type EngineOptions,
  ProofSearchError,
} from "../../../src/pow/index.ts";
import { hitsByNoble } from "../../../src/pow/selfTest.ts";
import { bytes32, EASY_TARGET as target, hitsByEthers } from "../../fixtures/pow.ts";
import { exhaust } from "../../fixtures/pow/engines.ts";
import { builtIn, openWorkshop } from "../../fixtures/pow/nativeCode.ts";
import { codeOf, impossible, prefix } from "../../fixtures/pow/proofSearch.ts";

const WASM = ["wasm-scalar", "wasm-simd"];
const NATIVE = ["native-scalar", "native-avx2", "native-avx512", "native-neon"];

/** Nonces that every engine is compared over, each by @noble/hashes itself. */
const MANY = 1n << 20n;

/** What every engine must do, whatever it is made of. */
function behavesAsAnEngine(
  open: () => Promise<Engine | undefined>,
  expected: () => ReadonlyMap<bigint, bigint[]>,
): void {
  let engine: Engine;

  before(async function () {
    const opened = await open();
    if (opened === undefined) this.skip();
    engine = opened;
  });
  after(async () => {
    await (engine as Engine | undefined)?.close();
  });

  const agrees = async (bytes: Uint8Array, limit: bigint, first: bigint, end: bigint): Promise<void> => {
    const { hashes, nonces } = await exhaust(engine, { prefix: bytes, target: limit, first, end });
    expect(hashes).to.equal(Number(end - first));
    expect(nonces).to.deep.equal(hitsByNoble(bytes, limit, first, end));
  };

  it("finds with several threads exactly the hits that ethers finds", async () => {
    const bytes = getBytes(bytes32(engine.name));
    const { hashes, nonces } = await exhaust(engine, { prefix: bytes, target: target / 16n, end: 12_345n });
    expect(hashes).to.equal(12_345);
    expect(nonces).to.deep.equal(hitsByEthers(bytes, target / 16n, 0n, 12_345n));
  });

  it("finds among 2^20 nonces exactly the hits that @noble/hashes finds", async () => {
    for (const [limit, hits] of expected()) {
      const { hashes, nonces } = await exhaust(engine, { prefix: getBytes(prefix), target: limit, end: MANY });
      expect(hashes).to.equal(Number(MANY));
      expect(nonces).to.deep.equal(hits);
    }
  });

  it("agrees with @noble/hashes for prefixes of one value and of single bits", async () => {
    const edges = [0x00, 0xff, 0x80, 0x01].map((value) => new Uint8Array(32).fill(value));
    const bits = [0, 7, 8, 63, 64, 128, 192, 255].map((bit) => {
      const bytes = new Uint8Array(32);
      bytes[bit >> 3] = 1 << (bit & 7);
      return bytes;
    });
    for (const bytes of [...edges, ...bits]) await agrees(bytes, target, 3n, 403n);
  });

  it("agrees with @noble/hashes where a nonce passes 2^32 and 2^63, and at the last nonces that there are", async () => {
    const last = (1n << 64n) - (1n << 32n);
    for (const middle of [1n << 8n, 1n << 32n, 1n << 63n]) {
      await agrees(getBytes(prefix), target, middle - 203n, middle + 204n);
    }
    await agrees(getBytes(prefix), target, last - 333n, last);
  });

  it("finds a hit with its hash's first 64 bits as the target, and not with one less", async () => {
    const bytes = getBytes(prefix);
    for (const hit of hitsByNoble(bytes, target, 0n, 300n)) {
      const top = attemptHash(bytes, hit) >> 192n;
      const found = async (top: bigint): Promise<bigint[]> =>
        (await exhaust(engine, { prefix: bytes, target: top << 192n, first: hit, end: hit + 1n })).nonces;
      expect(await found(top)).to.deep.equal([hit]);
      expect(await found(top - 1n)).to.deep.equal([]);
    }
  });

  it("tries every nonce of a range once", async () => {
    const everything = 2n ** 256n - 1n;
    const every = await exhaust(engine, { prefix: getBytes(prefix), target: everything, first: 77n, end: 20_078n });
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

  it("searches again after it was closed in the midst", async () => {
    const ended = codeOf(engine.search({ prefix: getBytes(prefix), target: impossible }, () => undefined).finished);
    await engine.close();
    expect(await ended).to.equal("WORKER_FAILED");
    await agrees(getBytes(prefix), target, 0n, 100n);
  });
}

describe("Engine", () => {
  const hits = new Map<bigint, bigint[]>();

  before(() => {
    // Easy targets are searched in small pieces, hard ones in the largest.
    const easy = hitsByNoble(getBytes(prefix), target / 32n, 0n, MANY);
    const hard = easy.filter((nonce) => hitsByNoble(getBytes(prefix), target / 4096n, nonce, nonce + 1n).length === 1);
    hits.set(target / 32n, easy).set(target / 4096n, hard);
    expect(hard.length).to.be.greaterThan(3);
  });

  for (const name of WASM) {
    describe(name, () => {
      behavesAsAnEngine(
        () => createWasmEngine({ variant: name === "wasm-simd" ? "simd" : "scalar", threads: 3 }),
        () => hits,
      );
    });
  }

  describe("native", () => {
    const workshop = openWorkshop();
    const built = builtIn(workshop);

    for (const name of NATIVE) {
      describe(name, () => {
        behavesAsAnEngine(
          async () => {
            if (!built.code.usable.includes(name.replace("native-", ""))) return undefined;
            const native: EngineOptions["native"] = { folder: workshop.file("built") };
            const { engine } = await chooseEngine(name, { threads: 3, native });
            expect(engine.name).to.equal(name);
            return engine;
          },
          () => hits,
        );
      });
    }
  });
});
