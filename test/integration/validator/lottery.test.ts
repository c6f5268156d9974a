import { expect } from "chai";
import fc from "fast-check";
import { id, Wallet } from "ethers";

import { decideLottery, epochAt, orderOf, type LotteryTerms } from "../../../src/validator/lottery/decide.ts";

const terms: LotteryTerms = {
  epochLength: 3_600,
  responseWindow: 180,
  openStretch: 240,
  citableBlocks: 3,
  blockMilliseconds: 12_000,
};
const STEP = 24;
const seatsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => new Wallet(id(`seat ${String(i)}`)).address);

/** Plays an epoch block by block; who issues, and when. What was issued in one block is seen in the next. */
function play(seats: readonly string[], there: readonly boolean[], wins: (block: number) => boolean, epoch: number) {
  const issued: { seat: string; time: number }[] = [];
  const begin = epoch * terms.epochLength;
  const { openFrom, cutOff } = epochAt(terms, begin);
  for (let number = 1000, time = begin; time < begin + terms.epochLength; number++, time += 12) {
    const isChallenged = issued.length > 0;
    const winners = [number - 2, number - 1, number]
      .map((each) => ({ number: each, time: time - (number - each) * 12 }))
      .filter((each) => time >= openFrom || wins(each.number));
    for (const [i, seat] of seats.entries()) {
      const move = decideLottery({ time, now: time, isChallenged, winners, seats }, terms, seat, STEP);
      if (there[i] === true && move.kind === "issue") issued.push({ seat, time });
    }
  }
  return { issued, openFrom, cutOff };
}

describe("a validator's turn in the lottery", () => {
  it("comes to every seat alike, in the same order for all", () => {
    const seats = seatsOf(5);
    const firsts = Array.from({ length: 500 }, (_, epoch) => orderOf(seats, epoch)[0]);
    for (const seat of seats) expect(firsts.filter((each) => each === seat).length).to.be.greaterThan(60);
    expect(orderOf([...seats].reverse(), 7)).to.deep.equal(orderOf(seats, 7));
  });

  it("has somebody issue each epoch's challenge as long as one is there, and nobody twice while the first one is", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 7 }),
        fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 100_000 }),
        (count, presence, odds, epoch) => {
          const seats = seatsOf(count);
          const there = seats.map((_, i) => presence[i] === true);
          const { issued, cutOff } = play(seats, there, (block) => (block * 7919 + epoch) % odds === 0, epoch);
          expect(issued.length > 0, "issued").to.equal(there.includes(true));
          for (const { time } of issued) expect(time).to.be.at.most(cutOff);
          // Only the last call has several go at once: there nobody waits for anybody any more.
          const isLastCall = issued.some(({ time }) => time >= cutOff - 60);
          if (!isLastCall) expect(issued.length).to.be.at.most(1);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("does nothing where there is a challenge, after the cut-off, and without a seat", () => {
    const seats = seatsOf(3);
    const view = {
      time: 3_600 * 9 + 3_200,
      now: 3_600 * 9 + 3_200,
      isChallenged: false,
      winners: [{ number: 5, time: 3_600 * 9 + 3_195 }],
      seats,
    };
    const kinds = (change: object, own = orderOf(seats, 9)[0]!): string =>
      decideLottery({ ...view, ...change }, terms, own, STEP).kind;
    expect(kinds({})).to.equal("issue");
    expect(kinds({ isChallenged: true })).to.equal("nothing");
    expect(kinds({ time: 3_600 * 9 + 3_421 })).to.equal("nothing");
    expect(kinds({ winners: [] })).to.equal("nothing");
    expect(kinds({}, Wallet.createRandom().address)).to.equal("nothing");
    expect(kinds({}, orderOf(seats, 9)[2])).to.equal("wait");
  });

  it("has come for all of them at the last call, though there are more than seconds before it", () => {
    const [seats, short] = [seatsOf(40), { ...terms, openStretch: 30, blockMilliseconds: 1_000 }];
    const { cutOff } = epochAt(short, 3_600 * 9);
    const last = orderOf(seats, 9).at(-1)!;
    const kind = (left: number): string => {
      const time = cutOff - left;
      const view = { time, now: time, isChallenged: false, winners: [{ number: 5, time }], seats };
      return decideLottery(view, short, last, STEP).kind;
    };
    expect([kind(11), kind(10)]).to.deep.equal(["wait", "issue"]);
  });

  it("is not taken where the block that could have the challenge comes after the cut-off, by the clock that blocks come by", () => {
    const seats = seatsOf(3);
    const { cutOff } = epochAt(terms, 3_600 * 9);
    const kind = (left: number, late: number, blockMilliseconds = terms.blockMilliseconds): string => {
      const time = cutOff - left;
      const view = { time, now: time + late, isChallenged: false, winners: [{ number: 5, time }], seats };
      return decideLottery(view, { ...terms, blockMilliseconds }, seats[0]!, STEP).kind;
    };
    expect([kind(12, 0), kind(12, 10.9)], "the next block").to.deep.equal(["issue", "issue"]);
    expect([kind(12, 11.1), kind(24, 11.1)], "the one after it").to.deep.equal(["nothing", "issue"]);
    expect([kind(1, 0, 1_000), kind(2, 0, 1_000)], "blocks each second").to.deep.equal(["nothing", "issue"]);
    expect([kind(24, 30), kind(12, -30)], "a clock that is off").to.deep.equal(["issue", "issue"]);
  });
});
