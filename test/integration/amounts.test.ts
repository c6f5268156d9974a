import { expect } from "chai";
import fc from "fast-check";

import {
  costOf,
  formatAmount,
  formatDuration,
  formatRate,
  formatTime,
  parseAmount,
  parseDuration,
  parseRate,
} from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";

const amounts = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });

describe("amounts", () => {
  describe("parseAmount", () => {
    it("reads decimal tokens", () => {
      expect(parseAmount("12")).to.equal(12n * 10n ** 18n);
      expect(parseAmount("0.25", 6)).to.equal(250_000n);
      expect(parseAmount("0.000000000000000001")).to.equal(1n);
      expect(parseAmount("7", 0)).to.equal(7n);
    });

    it("reads what formatAmount writes", () => {
      fc.assert(
        fc.property(amounts, fc.integer({ min: 0, max: 24 }), (amount, decimals) => {
          expect(parseAmount(formatAmount(amount, decimals), decimals)).to.equal(amount);
        }),
      );
    });

    for (const text of ["", "-1", "+1", "1e3", "0x10", "1.", ".5", "1,5", " 1", "1 ", "NaN", "1.2.3", "0.0000001"]) {
      it(`refuses "${text}"`, () => {
        expect(() => parseAmount(text, 6)).to.throw(InputError);
      });
    }

    it("refuses what no contract can hold", () => {
      expect(() => parseAmount((2n ** 128n).toString(), 0)).to.throw(InputError, "too large");
      expect(parseAmount((2n ** 128n - 1n).toString(), 0)).to.equal(2n ** 128n - 1n);
    });
  });

  describe("formatAmount", () => {
    it("leaves trailing zeros out and keeps the sign", () => {
      expect(formatAmount(1_500_000n, 6)).to.equal("1.5");
      expect(formatAmount(-1n, 2)).to.equal("-0.01");
      expect(formatAmount(0n)).to.equal("0");
    });
  });

  describe("parseRate", () => {
    it("reads tokens an hour, or in another unit of time", () => {
      expect(parseRate("3.6")).to.equal(10n ** 27n);
      expect(parseRate("3.6/h")).to.equal(10n ** 27n);
      expect(parseRate("0.001/s")).to.equal(10n ** 27n);
      expect(parseRate("86.4/d")).to.equal(10n ** 27n);
    });

    it("rounds down, so that an hour never costs more than was said", () => {
      fc.assert(
        fc.property(fc.bigInt({ min: 10n ** 9n, max: 10n ** 24n }), (amount) => {
          const cost = costOf(parseRate(formatAmount(amount)), 3600n);
          expect(cost <= amount && amount - cost <= 1n).to.equal(true);
        }),
      );
    });

    for (const text of ["0", "free", "1/y", "/h", "1/", "-1/h", "1 /h"]) {
      it(`refuses "${text}"`, () => {
        expect(() => parseRate(text)).to.throw(InputError);
      });
    }

    it("is written back as it was read", () => {
      expect(formatRate(parseRate("0.5"))).to.equal("0.5/h");
      expect(formatRate(parseRate("0.1/d"), 18)).to.equal("0.004166666666666667/h");
    });
  });

  describe("parseDuration", () => {
    it("reads one unit, several, or bare seconds", () => {
      expect(["90", "90s", "15m", "2h", "3d", "1w", "1h30m", "1d1s"].map(parseDuration)).to.deep.equal([
        90n,
        90n,
        900n,
        7200n,
        259_200n,
        604_800n,
        5400n,
        86_401n,
      ]);
    });

    it("reads what formatDuration writes", () => {
      fc.assert(
        fc.property(fc.bigInt({ min: 1n, max: 10n ** 12n }), (seconds) => {
          expect(parseDuration(formatDuration(seconds))).to.equal(seconds);
        }),
      );
    });

    for (const text of ["", "0", "0s", "2x", "h", "-1h", "1.5h", "30m1h", "1h 30m"]) {
      it(`refuses "${text}"`, () => {
        expect(() => parseDuration(text)).to.throw(InputError);
      });
    }
  });

  describe("formatTime", () => {
    it("writes UTC, and `never` for what lies beyond all calendars", () => {
      expect(formatTime(0n)).to.equal("1970-01-01T00:00:00Z");
      expect(formatTime(2n ** 256n - 1n)).to.equal("never");
    });
  });
});
