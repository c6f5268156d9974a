import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import fc from "fast-check";

import type { Block } from "../../../../src/chain/block.ts";
import { askForNewest, newestOf } from "../../../../src/chain/endpoints/newest.ts";

const block = (number: number): Block => ({ number, hash: `0x${String(number)}`, time: number });
const given = (...numbers: number[]) => numbers.map((number, from) => ({ from, block: block(number) }));
const behind = (...numbers: number[]) => newestOf(given(...numbers))?.behind.map(({ from }) => from);

describe("The newest block of several endpoints", () => {
  it("is the highest of one and two, so that one which has stopped keeps nobody waiting", () => {
    expect(newestOf(given(7))?.block.number).to.equal(7);
    expect(newestOf(given(3, 9))?.block.number).to.equal(9);
    expect(behind(3, 9)).to.deep.equal([]);
  });

  it("is the second highest of three, so that one which makes blocks up moves nobody", () => {
    expect(newestOf(given(9, 1_000_000, 8))?.block.number).to.equal(9);
    expect(behind(9, 1_000_000, 8)).to.deep.equal([]);
    expect(newestOf(given(2, 9, 9))?.block.number).to.equal(9);
    expect(behind(2, 9, 9)).to.deep.equal([0]);
    expect(behind(6, 9, 9)).to.deep.equal([]);
  });

  it("lies, of three and more of which one lies, between what the others say; and calls none of them behind for its word", () => {
    const honest = fc.array(fc.integer({ min: 100, max: 103 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(honest, fc.integer({ min: 0, max: 10_000 }), (numbers, lie) => {
        const found = newestOf(given(...numbers, lie));
        expect(found?.block.number).to.be.within(Math.min(...numbers), Math.max(...numbers));
        expect(found?.behind.every(({ from }) => from === numbers.length)).to.equal(true);
      }),
    );
  });

  it("is asked of all at once, and waits for none that is silent once another has answered", async () => {
    const silent = new AbortController();
    const failures: string[] = [];
    const ask = async (name: string): Promise<Block> => {
      if (name === "silent") await sleep(60_000, undefined, { signal: silent.signal });
      if (name === "broken") throw new Error(name);
      return Promise.resolve(block(name === "late" ? 8 : 5));
    };
    const failed = (name: string): void => void failures.push(name);
    const found = await askForNewest(["silent", "broken", "early", "late"], ask, failed);
    expect(found?.block.number).to.equal(8);
    expect(failures).to.deep.equal(["broken"]);
    silent.abort();
    expect(await askForNewest(["broken"], ask, failed)).to.equal(undefined);
    expect(await askForNewest([], ask, failed)).to.equal(undefined);
  });
});
