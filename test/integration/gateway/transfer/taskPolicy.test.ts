import { expect } from "chai";

import { refusalsOf } from "../../../../src/gateway/transfer/taskPolicy.ts";

describe("A policy for tasks", () => {
  const limits = { minNodeFee: 10n, maxStakeLock: 5n, minTime: 600n, decimals: 0 };
  const task = { nodeFee: 10n, stakeLock: 5n, acceptBy: 1_000n, resultBy: 2_000n, leastDuration: 700n };
  for (const [what, change, now, subjects] of [
    ["at its bounds", {}, 999n, []],
    ["with too small a fee", { nodeFee: 9n }, 999n, ["node fee"]],
    ["with too large a lock", { stakeLock: 6n }, 999n, ["stake"]],
    ["after the time to accept", {}, 1_000n, ["acceptance"]],
    ["with less time than the policy wants", { acceptBy: 5_000n, leastDuration: 0n }, 1_401n, ["time"]],
    ["with just the time that the policy wants", { acceptBy: 5_000n, leastDuration: 0n }, 1_400n, []],
    ["with less time than its requester leaves", { acceptBy: 5_000n }, 1_301n, ["time"]],
    ["for several reasons, all of which it says", { nodeFee: 9n, stakeLock: 6n }, 999n, ["node fee", "stake"]],
  ] as const) {
    it(`${subjects.length === 0 ? "takes" : "refuses"} a task ${what}`, () => {
      const refusals = refusalsOf({ ...task, ...change }, limits, now);
      expect(refusals.map(({ subject }) => subject)).to.deep.equal(subjects);
    });
  }
});
