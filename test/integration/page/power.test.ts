import { expect } from "chai";

import { epochsOf, rangeOf, type EpochFacts, type EpochOf, type Span } from "../../../page/src/node/epochs.ts";
import { leastShownRate, provenRateOf, targetOf } from "../../../src/pow/target.ts";

const LENGTH = 600n;
const WINDOW = 24n;
const REQUIRED = 174_410n;
const ALWAYS: Span = { since: 0n, until: 2n ** 100n };

const among =
  (...epochs: readonly bigint[]) =>
  (epoch: bigint): boolean =>
    epochs.includes(epoch);

/** Epoch 10 was proven, 11 missed, 12 proven by nobody, 13 not challenged, and 14 runs. */
const facts: EpochFacts = {
  current: 14n,
  length: LENGTH,
  challenged: among(10n, 11n, 12n, 14n),
  answered: among(10n, 11n),
  proven: among(10n),
  rates: new Map([[10n, 127_500n]]),
  leastRate: leastShownRate(REQUIRED, WINDOW),
};

const span = (since: bigint, until = ALWAYS.until): Span => ({ since, until });
const told = (epochs: readonly EpochOf[]): string[] => epochs.map(({ epoch, state }) => `${String(epoch)} ${state}`);

describe("what was to be proven in an epoch", () => {
  it("is what the weakest proof shows that the contract takes, which is less than the required rate", () => {
    const least = leastShownRate(REQUIRED, WINDOW);
    const target = targetOf(REQUIRED, WINDOW);
    expect(least).to.equal(provenRateOf(target, WINDOW));
    expect(Number(least)).to.be.within(126_900, 127_001);
    for (const largest of [target, target - 1n, target / 2n]) {
      expect(provenRateOf(largest, WINDOW) >= least, String(largest)).to.equal(true);
    }
  });

  it("is said of each epoch that was challenged, and of no other", () => {
    const epochs = epochsOf(span(10n * LENGTH), facts);
    expect(told(epochs)).to.deep.equal(["10 proven", "11 missed", "12 unanswered", "13 unasked", "14 running"]);
    const { leastRate } = facts;
    expect(epochs.map(({ toShow }) => toShow)).to.deep.equal([leastRate, leastRate, leastRate, undefined, leastRate]);
  });

  it("stands beside what was shown, and there is nothing shown where nothing was proven", () => {
    const epochs = epochsOf(span(10n * LENGTH), facts);
    expect(epochs.map(({ shown }) => shown)).to.deep.equal([127_500n, ...Array<undefined>(4).fill(undefined)]);
  });
});

describe("which epochs count", () => {
  it("are not those before a node came and after it ended", () => {
    expect(told(epochsOf(span(11n * LENGTH, 12n * LENGTH), facts))).to.deep.equal(["11 missed"]);
    expect(epochsOf(span(15n * LENGTH), facts)).to.deep.equal([]);
  });

  it("are, of such as it came in or ended in, only what it proved, or still may: the challenge may have come without it", () => {
    expect(told(epochsOf(span(11n * LENGTH + 1n, 13n * LENGTH - 1n), facts))).to.deep.equal([]);
    expect(told(epochsOf(span(10n * LENGTH + 1n, 11n * LENGTH), facts))).to.deep.equal(["10 proven"]);
    expect(told(epochsOf(span(14n * LENGTH + 1n), facts))).to.deep.equal(["14 running"]);
  });

  it("are the newest of more than are shown", () => {
    expect(rangeOf(ALWAYS, { current: 500n, length: LENGTH })).to.deep.equal({ first: 309n, last: 500n });
    expect(rangeOf(span(0n, 400n * LENGTH), { current: 500n, length: LENGTH })).to.deep.equal({
      ...{ first: 208n, last: 399n },
    });
  });
});
