import { expect } from "chai";

import { stepOf, Turns } from "../../../src/validator/watch/turns.ts";

const STEP = 100;
const SEATS = ["0x0000000000000000000000000000000000000001", "0x0000000000000000000000000000000000000002"];
const STRANGER = "0x0000000000000000000000000000000000000003";
const EVERYBODY = [...SEATS, STRANGER];
/** Everybody's turns, and a step after each. */
const ROUND = EVERYBODY.length * 2 * STEP;

/** How far the machine's clock is ahead of the chain's. */
const AHEAD = 1_000_000;

const turnsAt = (now: number, own: string, step = STEP): Turns =>
  new Turns({ own, step, clock: { now: () => now }, now: () => now + AHEAD });
const waitAt = (now: number, own: string, seed = 7n): number => turnsAt(now, own).wait(seed, SEATS);
/** Whose turn it is. */
const actingAt = (now: number, seed?: bigint): string[] => EVERYBODY.filter((own) => waitAt(now, own, seed) === 0);

describe("Validators' turns where one is enough", () => {
  it("are one validator's at the most at any time, and nobody's for a step before the next one's", () => {
    for (let now = 0; now < 20 * ROUND; now += STEP / 4) {
      expect(actingAt(now), String(now)).to.have.lengthOf(now % (2 * STEP) < STEP ? 1 : 0);
    }
  });

  it("come to everybody once in a round, to a stranger last, in an order by matter and round", () => {
    const orders = new Set<string>();
    for (let round = 0; round < 16; round++) {
      const order = EVERYBODY.map((_, turn) => actingAt(round * ROUND + turn * 2 * STEP)[0]);
      expect([...order].sort()).to.deep.equal(EVERYBODY);
      expect(order[2]).to.equal(STRANGER);
      orders.add(order.join());
    }
    expect(orders.size).to.equal(2);
    const first = (seed: bigint): string[] => actingAt(0, seed);
    expect(new Set([1n, 2n, 3n, 4n, 5n, 6n].map((seed) => first(seed).join())).size).to.equal(2);
  });

  it("are as far away as they are said to be", () => {
    for (let now = 0; now < 4 * ROUND; now += STEP / 4) {
      for (const own of EVERYBODY) {
        const wait = waitAt(now, own);
        expect(wait).to.be.within(0, 2 * ROUND);
        expect(actingAt(now + wait)).to.deep.equal([own]);
        if (wait > 0) expect(waitAt(now + wait - 1, own)).to.equal(1);
      }
    }
  });

  it("end, by the machine's clock, when they are nobody's any more, and have ended for whoever has none", () => {
    for (let now = 0; now < 4 * ROUND; now += STEP / 4) {
      for (const own of EVERYBODY) {
        const left = turnsAt(now, own).endOf(7n, SEATS)! - AHEAD - now;
        if (waitAt(now, own) > 0) expect(left, "out of turn").to.equal(0);
        else {
          expect(left).to.be.within(1, STEP);
          expect([actingAt(now + left - 1), actingAt(now + left)]).to.deep.equal([[own], []]);
        }
      }
    }
  });

  it("are everybody's at once with no step", () => {
    expect(EVERYBODY.map((own) => turnsAt(5, own, 0).wait(1n, SEATS))).to.deep.equal(EVERYBODY.map(() => 0));
    expect(turnsAt(5, STRANGER, 0).endOf(1n, SEATS)).to.equal(undefined);
  });

  it("last until the next look of a duty that no block wakes", () => {
    expect([2_000, 5_000, 15_000, 30_000].map((every) => stepOf(20_000, every))).to.deep.equal([
      ...[20_000, 20_000, 20_000, 30_000],
    ]);
  });
});
