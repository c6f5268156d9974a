import { expect } from "chai";
import fc from "fast-check";

import { firstBlockAt, readProofs } from "../../../../src/gateway/node/proofs.ts";
import { deployTestPlatform } from "../../../fixtures/deployedPlatform.ts";

/** Epochs that the contract keeps in a word. */
const WORD = 192;

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

describe("Reading how a node did in its newest epochs", () => {
  it("tells each epoch's own bits, on both sides of the end of a word", async () => {
    const platform = await deployTestPlatform();
    const { book, protocol, epochLength, connection } = platform;
    const boundary = (Math.floor((await platform.now()) / epochLength / WORD) + 1) * WORD;
    await platform.travelTo((boundary - 4) * epochLength);
    const nodeId = await platform.declare();
    await platform.attest(nodeId);
    const acts = new Map([
      [boundary - 2, "prove"],
      [boundary - 1, "issue"],
      [boundary, "prove"],
      [boundary + 1, "nothing"],
      [boundary + 2, "prove"],
    ]);
    for (const [epoch, act] of acts) {
      await platform.travelTo(epoch * epochLength + 5);
      await connection.networkHelpers.mine();
      if (act !== "nothing") await platform.issue();
      if (act === "prove") await platform.prove(nodeId);
    }
    const found = await readProofs(protocol, book.fromBlock, Number(nodeId), { count: acts.size });
    const seen = found.map(({ epoch, challenged, answered, proven, hashRate }) => {
      return [epoch, challenged, answered, proven, hashRate !== null];
    });
    const expected = [...acts].reverse().map(([epoch, act]) => {
      const isProven = act === "prove";
      return [epoch, act !== "nothing", isProven, isProven, isProven];
    });
    expect(seen).to.deep.equal(expected);
  });
});
