import { expect } from "chai";
import fc from "fast-check";

import { orderRate, pricePolicy } from "../../../../src/gateway/node/policy.ts";

const policy = pricePolicy.parse({
  byUnits: [
    { from: 8, percent: -20 },
    { from: 4, percent: -10 },
  ],
  byUse: [
    { from: 0.5, percent: 10 },
    { from: 0.9, percent: 50 },
  ],
});
const rate = (units: number, used: number, unitRate = 1_000n): bigint =>
  orderRate(policy, { units, capacity: 10, used, unitRate });

describe("The price policy of a gateway", () => {
  it("multiplies the unit's price by the units where no step is reached", () => {
    expect(rate(1, 0)).to.equal(1_000n);
    expect(rate(3, 4)).to.equal(3_000n);
  });

  it("takes the highest step reached, whatever the order of the steps", () => {
    expect(rate(4, 0)).to.equal(3_600n);
    expect(rate(8, 0)).to.equal(6_400n);
    expect(rate(1, 5)).to.equal(1_100n);
    expect(rate(1, 9)).to.equal(1_500n);
  });

  it("adds up what units take off and use puts on", () => {
    expect(rate(4, 5)).to.equal(4_000n);
  });

  it("rounds up, so that no order is cheaper than the policy says, and never gives a price of 0", () => {
    fc.assert(
      fc.property(
        fc.bigInt(1n, 2n ** 64n),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: -99, max: 1000 }),
        (unitRate, units, percent) => {
          const exact = unitRate * BigInt(units) * BigInt(100 + percent);
          const given = orderRate(
            { byUnits: [{ from: 1, percent }], byUse: [] },
            { units, capacity: 100, used: 0, unitRate },
          );
          expect(given * 100n >= exact).to.equal(true);
          expect((given - 1n) * 100n < exact).to.equal(true);
          expect(given > 0n).to.equal(true);
        },
      ),
    );
  });

  it("of a node without units does not divide by zero", () => {
    expect(orderRate(policy, { units: 1, capacity: 0, used: 0, unitRate: 7n })).to.equal(7n);
  });

  it("refuses a discount of everything", () => {
    expect(pricePolicy.safeParse({ byUnits: [{ from: 1, percent: -100 }] }).success).to.equal(false);
  });
});
