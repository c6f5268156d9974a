import { expect } from "chai";
import fc from "fast-check";
import { id } from "ethers";

import type { Block } from "../../../../src/chain/block.ts";
import { followHeads } from "../../../../src/chain/endpoints/heads.ts";

const block = (number: number, branch: number): Block => ({
  ...{ number, time: 1_800_000_000 + number },
  hash: id(`${String(number)} ${String(branch)}`),
});

/** What a question for the newest block comes to. */
type Given = Block | "no answer";

const given: fc.Arbitrary<Given> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 1 })).map(([n, b]) => block(n, b)),
  },
  { weight: 1, arbitrary: fc.constant("no answer" as const) },
);

/** Follows what is given, a second each, until so many questions after its end; what was told, with when it was asked for. */
async function told(
  script: readonly Given[],
  newest: Block,
): Promise<{ readonly block: Block; readonly asked: number }[]> {
  const stop = new AbortController();
  let asked = 0;
  const ask = async (): Promise<Block> => {
    const answer = script[asked] ?? newest;
    asked += 1;
    if (asked > script.length + 10) stop.abort();
    if (answer === "no answer") throw new Error("no answer");
    return Promise.resolve(answer);
  };
  const blocks: { block: Block; asked: number }[] = [];
  const now = (): number => asked * 1_000;
  for await (const each of followHeads({ ask, sources: [], poll: 0, now }, stop.signal)) {
    blocks.push({ block: each, asked });
  }
  return blocks;
}

describe("The newest blocks", () => {
  it("end with the newest, none twice in a row, and none lower unless it stays so for six seconds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(given, { maxLength: 30 }), fc.integer({ min: 0, max: 12 }), async (script, last) => {
        const newest = block(last, 2);
        const blocks = await told(script, newest);
        expect(blocks.at(-1)?.block).to.deep.equal(newest);
        for (const [i, { block: each, asked }] of blocks.entries()) {
          const before = blocks[i - 1];
          if (before === undefined) continue;
          expect(each.hash).to.not.equal(before.block.hash);
          if (each.number < before.block.number) expect(asked - before.asked).to.be.at.least(6);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("do not swing back and forth with an endpoint that is now and then behind", async () => {
    const swinging = Array.from({ length: 30 }, (_, i) => block(i % 3 === 0 ? 5 : 4, 0));
    expect((await told(swinging, block(5, 0))).map(({ block: { number } }) => number)).to.deep.equal([5]);
  });
});
