import { expect } from "chai";

import { MU_THOUSANDTHS, PROOF_COUNT, provenRateOf, statistics, targetOf } from "../../../src/pow/index.ts";
import { expectNear, seededRandom } from "../../fixtures/pow.ts";

const MAX_UINT256 = (1n << 256n) - 1n;

describe("Proof statistics", () => {
  describe("chiSquareQuantile", () => {
    // Printed tables: degrees of freedom, chance, quantile.
    const known: [number, number, number][] = [
      [2, 0.95, 5.991],
      [4, 0.99, 13.277],
      [10, 0.05, 3.94],
      [10, 0.95, 18.307],
      [20, 0.999, 45.315],
      [30, 0.01, 14.953],
      [60, 0.975, 83.298],
      [100, 0.01, 70.065],
      [100, 0.99, 135.807],
    ];
    for (const [degrees, chance, quantile] of known) {
      it(`is ${quantile} for ${degrees} degrees and ${chance}`, () => {
        expectNear(statistics.chiSquareQuantile(degrees, chance), quantile, 0.0006);
      });
    }

    it("inverts the distribution", () => {
      for (const chance of [1e-9, 0.001, 0.3, 0.5, 0.9, 0.9999]) {
        const quantile = statistics.gammaQuantile(128, chance);
        expectNear(statistics.gammaCumulative(128, quantile), chance, chance * 1e-9);
      }
    });

    it("refuses chances and shapes that are none", () => {
      for (const chance of [0, 1, -0.1, 2, Number.NaN]) {
        expect(() => statistics.gammaQuantile(8, chance)).to.throw(RangeError, "chance");
      }
      for (const shape of [0, -1, 1.5]) {
        expect(() => statistics.gammaQuantile(shape, 0.5)).to.throw(RangeError, "shape");
      }
      expect(() => statistics.chiSquareQuantile(3, 0.5)).to.throw(RangeError, "shape");
    });
  });

  describe("poisson", () => {
    it("agrees with closed forms", () => {
      expectNear(statistics.poissonAtMost(0, 2), Math.exp(-2), 1e-15);
      expectNear(statistics.poissonAtMost(2, 1), 2.5 * Math.exp(-1), 1e-15);
      expectNear(statistics.poissonAtLeast(1, 1e-12), 1e-12, 1e-20);
      expect(statistics.poissonAtMost(-1, 3)).to.equal(0);
      expect(statistics.poissonAtLeast(0, 3)).to.equal(1);
      expect(statistics.poissonAtMost(5, 0)).to.equal(1);
      expect(statistics.poissonAtMost(0, 0)).to.equal(1);
    });

    it("splits into two tails", () => {
      for (const mean of [0.5, 10, 128, 174.41, 900]) {
        for (const n of [1, 5, 127, 128, 300]) {
          expectNear(statistics.poissonAtMost(n - 1, mean) + statistics.poissonAtLeast(n, mean), 1, 1e-12);
        }
      }
    });
  });

  describe("requiredMean", () => {
    it("is the constant of the contract, rounded up to thousandths", () => {
      expect(BigInt(Math.ceil(1000 * statistics.requiredMean(PROOF_COUNT)))).to.equal(MU_THOUSANDTHS);
    });

    it("lets the honest pass and catches half the power", () => {
      const law = { count: PROOF_COUNT, mean: Number(MU_THOUSANDTHS) / 1000 };
      expect(statistics.passChance(1, law)).to.be.within(0.9999, 0.999901);
      expectNear(statistics.passChance(0.5, law), 2.55e-5, 2e-7);
      expect(statistics.passChance(1, { ...law, timeShare: 0.5 })).to.equal(statistics.passChance(0.5, law));
      expectNear(statistics.caughtShare(0.001, law), 0.55, 0.001);
      // 96 hashes are the fewest that catch half the power with 99.9 %.
      expect(statistics.caughtShare(0.001, { count: 96, mean: statistics.requiredMean(96) })).to.be.above(0.5);
      expect(statistics.caughtShare(0.001, { count: 95, mean: statistics.requiredMean(95) })).to.be.below(0.5);
    });
  });

  describe("targetOf", () => {
    it("computes what the contract computes", () => {
      expect(targetOf(1_000_000n, 108n)).to.equal(((MAX_UINT256 / 108_000_000n) * MU_THOUSANDTHS) / 1000n);
    });

    it("saturates where so little is required that every hash is good enough", () => {
      expect(targetOf(1n, 1n)).to.equal(MAX_UINT256);
      expect(targetOf(1n, 174n)).to.equal(MAX_UINT256);
      expect(targetOf(1n, 175n) < MAX_UINT256).to.equal(true);
    });

    it("refuses a rate or window of nothing", () => {
      expect(() => targetOf(0n, 108n)).to.throw(RangeError, "required rate");
      expect(() => targetOf(1n, 0n)).to.throw(RangeError, "effective window");
    });
  });

  describe("provenRateOf", () => {
    it("computes what the contract computes", () => {
      const largest = MAX_UINT256 / 1_000_003n;
      expect(provenRateOf(largest, 108n)).to.equal((127n * (MAX_UINT256 / largest)) / 108n);
    });

    it("shows 127 / 174.41 of the required rate for an answer just at the target", () => {
      const shown = Number(provenRateOf(targetOf(10_000_000n, 108n), 108n)) / 10_000_000;
      expectNear(shown, 127 / 174.41, 1e-6);
    });

    it("refuses values of nothing", () => {
      expect(() => provenRateOf(0n, 108n)).to.throw(RangeError, "largest hash");
      expect(() => provenRateOf(1n, 0n)).to.throw(RangeError, "effective window");
      expect(() => provenRateOf(1n, 1n, 0)).to.throw(RangeError, "count");
    });
  });

  describe("given simulated provers", () => {
    const RUNS = 40_000;
    const mean = Number(MU_THOUSANDTHS) / 1000;

    /** When the 128th hash came below a target of one hit per unit of time: a sum of exponential waits. */
    function arrivals(): number[] {
      const random = seededRandom(128);
      return Array.from({ length: RUNS }, () => {
        let logProduct = 0;
        for (let i = 0; i < PROOF_COUNT; i++) logProduct -= Math.log(1 - random());
        return logProduct;
      });
    }

    const times = arrivals();
    const passing = (share: number): number => times.filter((time) => time <= mean * share).length / RUNS;

    it("passes them as often as the formula says", () => {
      for (const share of [0.6, 0.65, 0.7, 0.75, 0.8, 0.9]) {
        const expected = statistics.passChance(share, { count: PROOF_COUNT, mean });
        const deviation = Math.sqrt((expected * (1 - expected)) / RUNS);
        expectNear(passing(share), expected, 4.5 * deviation);
      }
      expect(passing(1)).to.be.above(0.9997);
    });

    it("proves the real rate on average, with the stated deviation and confidence", () => {
      const rates = times.map((time) => (PROOF_COUNT - 1) / time);
      const average = rates.reduce((sum, rate) => sum + rate, 0) / RUNS;
      const variance = rates.reduce((sum, rate) => sum + (rate - average) ** 2, 0) / RUNS;
      expectNear(average, 1, 0.002);
      expectNear(Math.sqrt(variance), statistics.provenRateDeviation(PROOF_COUNT), 0.002);
      const { low, high } = statistics.provenRateFactors(PROOF_COUNT, 0.99);
      const inside = rates.filter((rate) => rate * low <= 1 && rate * high >= 1).length / RUNS;
      expectNear(inside, 0.99, 0.0025);
      expect(() => statistics.provenRateDeviation(2)).to.throw(RangeError);
    });
  });
});
