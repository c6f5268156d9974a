import { expect } from "chai";

import { programHash, shippedPrograms } from "../../../../src/enclave/programs/catalogue.ts";
import { refusalsOf, takenPrograms, taskPolicy } from "../../../../src/gateway/transfer/taskPolicy.ts";

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

  describe("about programs", () => {
    const hash = `0x${"ab".repeat(32)}` as const;
    const taken = (programs?: unknown): ReturnType<typeof takenPrograms> =>
      takenPrograms(taskPolicy.parse({ minNodeFee: "1", ...(programs === undefined ? {} : { programs }) }).programs);

    it("takes the enclave's own and no others, where it says nothing", () => {
      expect(taken()).to.deep.equal(shippedPrograms.map((each) => each.hash));
      expect(taken()).to.include(programHash("logistic-regression"));
    });

    it("takes those that it names, none where it names none, and any where it says so", () => {
      expect(taken([hash.toUpperCase().replace("X", "x")])).to.deep.equal([hash]);
      expect(taken(["shipped", hash])).to.deep.equal([...shippedPrograms.map((each) => each.hash), hash]);
      expect(taken([])).to.deep.equal([]);
      expect(taken("all")).to.equal(undefined);
    });

    it("refuses names that are no hashes", () => {
      for (const programs of [["logistic-regression"], ["all"], "shipped", ["0x12"]])
        expect(taskPolicy.safeParse({ minNodeFee: "1", programs }).success, String(programs)).to.equal(false);
    });
  });
});
