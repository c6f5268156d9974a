import { expect } from "chai";

import { wordsOf } from "../../../tasks/order/words.ts";

describe("what is asked before an order is opened or requested", () => {
  const token = { decimals: 18, symbol: "CPP" } as Parameters<typeof wordsOf>[1];
  const ONE = 10n ** 18n;
  const terms = { nodeId: 4n, units: 2, ratePerSecond: (ONE * 10n ** 12n) / 3_600n, stakeLock: 0n };

  it("says what it costs, how long that lasts, and that no stake is behind it", () => {
    expect(wordsOf(terms, token, { deposit: 2n * ONE })).to.equal(
      "2 units of node 4 for 1/h CPP in all, which lasts 2h if all is proven, backed by a stake of 0 CPP",
    );
  });

  it("says until when a request may be accepted", () => {
    expect(wordsOf({ ...terms, stakeLock: 7n * ONE }, token, { acceptBy: 1_800_000_000n })).to.equal(
      "2 units of node 4 for 1/h CPP in all, backed by a stake of 7 CPP, to be accepted until 2027-01-15T08:00:00Z",
    );
  });
});
