import { expect } from "chai";
import { getBytes } from "ethers";

import { attemptHash } from "../../../src/pow/index.ts";
import { compileKernel, kernelBinary, type KernelVariant } from "../../../src/pow/kernel/compile.ts";
import { Kernel } from "../../../src/pow/kernel/kernel.ts";
import { MAX_CHUNK } from "../../../src/pow/kernel/layout.ts";
import { compileModule } from "../../../src/pow/kernel/webassembly.ts";
import { assembleKernel } from "../../../scripts/kernel/assemble.ts";
import { gpuKernelText } from "../../../scripts/kernel/wgsl.ts";
import { gpuKernel } from "../../../types/searchKernels.ts";
import { bytes32, hitsByEthers, seededRandom } from "../../fixtures/pow.ts";

const variants: KernelVariant[] = ["scalar", "simd"];

async function kernelOf(variant: KernelVariant): Promise<Kernel> {
  return new Kernel((await compileKernel(variant)).module);
}

describe("Search kernel", () => {
  for (const variant of variants) {
    describe(variant, () => {
      it("finds exactly the hits that ethers finds in a range", async () => {
        const kernel = await kernelOf(variant);
        const prefix = getBytes(bytes32("exhaustive"));
        const targetTop = 1n << 57n;
        kernel.setPrefix(prefix);
        kernel.setTargetTop(targetTop);
        const hits = kernel.search(0n, 8192);
        // All hashes whose top 64 bits are at most the target's.
        expect(hits).to.deep.equal(hitsByEthers(prefix, ((targetTop + 1n) << 192n) - 1n, 0n, 8192n));
        expect(hits.length).to.be.greaterThan(20);
      });

      it("computes ethers' first 64 bits for random prefixes and nonces", async () => {
        const kernel = await kernelOf(variant);
        const random = seededRandom(1);
        for (let run = 0; run < 400; run++) {
          const prefix = Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256));
          const nonce = (BigInt(Math.floor(random() * 2 ** 31)) << 32n) | BigInt(Math.floor(random() * 2 ** 32));
          const top = attemptHash(prefix, nonce) >> 192n;
          kernel.setPrefix(prefix);
          kernel.setTargetTop(top);
          expect(kernel.search(nonce, 1), "at the target").to.deep.equal([nonce]);
          kernel.setTargetTop(top - 1n);
          expect(kernel.search(nonce, 1), "just above the target").to.deep.equal([]);
        }
      });

      it("has room for a chunk in which every nonce is a hit", async () => {
        const kernel = await kernelOf(variant);
        kernel.setTargetTop((1n << 64n) - 1n);
        const hits = kernel.search(10n, MAX_CHUNK);
        expect(hits.length).to.equal(MAX_CHUNK);
        expect(hits.every((nonce, index) => nonce === 10n + BigInt(index))).to.equal(true);
      });

      it("keeps to an odd range", async () => {
        const kernel = await kernelOf(variant);
        kernel.setTargetTop((1n << 64n) - 1n);
        expect(kernel.search(5n, 3)).to.deep.equal([5n, 6n, 7n]);
      });

      it("carries from the low half of the nonce to the high half", async () => {
        const kernel = await kernelOf(variant);
        const prefix = getBytes(bytes32("carry"));
        const first = (1n << 32n) - 200n;
        kernel.setPrefix(prefix);
        kernel.setTargetTop(1n << 60n);
        expect(kernel.search(first, 400)).to.deep.equal(
          hitsByEthers(prefix, (((1n << 60n) + 1n) << 192n) - 1n, first, first + 400n),
        );
      });

      it("refuses ranges without room", async () => {
        const kernel = await kernelOf(variant);
        for (const count of [0, -2, MAX_CHUNK + 1, Number.NaN]) {
          expect(() => kernel.search(0n, count)).to.throw(RangeError);
        }
      });

      it("is what the assembler makes of its text, in every build", async () => {
        expect(await assembleKernel(variant)).to.deep.equal(kernelBinary(variant));
      });
    });
  }

  it("for GPUs is what the generator writes, in every build", () => {
    expect(gpuKernel).to.equal(gpuKernelText());
  });

  it("takes SIMD where the runtime does and falls back to scalar where it does not", async () => {
    expect((await compileKernel("auto")).variant).to.equal("simd");
    const withoutSimd = async (binary: Uint8Array): Promise<object> => {
      if (binary.length === kernelBinary("simd").length) throw new Error("Invalid opcode 0xfd");
      return compileModule(binary);
    };
    expect((await compileKernel("auto", withoutSimd)).variant).to.equal("scalar");
  });
});
