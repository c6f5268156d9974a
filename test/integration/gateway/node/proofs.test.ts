import { expect } from "chai";
import fc from "fast-check";

import { firstBlockAt } from "../../../../src/gateway/node/proofs.ts";

describe("Finding the first block of a time", () => {
  it("gives the first block that is not before it, or the last one", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 0, max: 200 }),
        async (steps, time) => {
          let clock = 0;
          const times = steps.map((step) => (clock += step));
          const found = await firstBlockAt(async (block) => Promise.resolve(times[block]), 0, times.length - 1, time);
          const expected = times.findIndex((at) => at >= time);
          expect(found).to.equal(expected === -1 ? times.length - 1 : expected);
        },
      ),
    );
  });

  it("takes what the network no longer has for older", async () => {
    const times = [undefined, undefined, 30, 40, 50];
    expect(await firstBlockAt(async (block) => Promise.resolve(times[block]), 0, 4, 10)).to.equal(2);
  });
});
