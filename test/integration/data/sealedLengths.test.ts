import { expect } from "chai";
import fc from "fast-check";

import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { sealResult } from "../../../src/data/results.ts";
import { LEAST_TASK_SIZE, seal, SEALED_SIZES } from "../../../src/data/sealing.ts";

const context = { domain: "test/1", chainId: "1", taskId: "7" };

describe("what is sealed shows of its content's length", () => {
  const to = publicKeyOf(makePrivateKey("X25519"));
  const lengthOf = (size: number, least?: number): number => seal(to, context, new Uint8Array(size), least).length;

  it("the next of a few sizes, and nothing else", () => {
    const around = lengthOf(0) - SEALED_SIZES[0];
    let smallest = 0;
    for (const size of SEALED_SIZES.slice(0, 6)) {
      const lengths = [smallest, smallest + 1, (smallest + size) >> 1, size - 1, size].map((each) => lengthOf(each));
      expect([...new Set(lengths)].slice(-1), String(size)).to.deep.equal([around + size]);
      expect(new Set(lengths.slice(1)).size, String(size)).to.equal(1);
      smallest = size;
    }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70_000 }), (size) => {
        expect((SEALED_SIZES as readonly number[]).includes(lengthOf(size) - around)).to.equal(true);
      }),
      { numRuns: 60 },
    );
  });

  it("nothing at all below the least size of a task's inputs and result", () => {
    const due = lengthOf(0, LEAST_TASK_SIZE);
    for (const size of [1, 255, 257, 5_000, LEAST_TASK_SIZE]) expect(lengthOf(size, LEAST_TASK_SIZE)).to.equal(due);
    expect(lengthOf(LEAST_TASK_SIZE + 1, LEAST_TASK_SIZE)).to.be.greaterThan(due);
  });

  it("nothing of a result but how long it could have been", () => {
    const use = { chainId: 1n, escrow: `0x${"5e".repeat(20)}`, taskId: 7n, inputHash: `0x${"1a".repeat(32)}` };
    const sealed = (size: number, most?: number): number =>
      sealResult(to, use, new Uint8Array(size), most).sealed.length;
    expect(sealed(1)).to.equal(sealed(LEAST_TASK_SIZE));
    for (const size of [0, 1, LEAST_TASK_SIZE + 1, 100_000])
      expect(sealed(size, 100_000), String(size)).to.equal(sealed(100_000));
    expect(sealed(1, 100_000)).to.be.greaterThan(sealed(1, LEAST_TASK_SIZE));
  });
});
