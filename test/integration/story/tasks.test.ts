import { expect } from "chai";

import { taskFaultsOf, type TaskOutcome } from "../../fixtures/story/taskOutcomes.ts";
import { TaskModel, type ModelTask } from "../../fixtures/story/taskModel.ts";

const terms = {
  ...{ id: 1n, requester: "requester", provider: "provider", nodeFee: 10n, validatorFee: 8n, stakeLock: 30n },
  owners: [
    { owner: "one", price: 5n },
    { owner: "other", price: 2n },
  ],
} as const;
const signers = [
  { validator: "first", stake: 5n },
  { validator: "second", stake: 5n },
  { validator: "third", stake: 5n },
];

/** What a task of a status has moved, and what it holds. */
function movedBy(status: string, by: ModelTask["signers"] = []): Readonly<Record<string, bigint>> {
  const { moved, held, slashed } = new TaskModel([{ ...terms, status, signers: by }], "treasury");
  const amounts = { ...Object.fromEntries(moved), held, slashed };
  return Object.fromEntries(Object.entries(amounts).filter(([, amount]) => amount !== 0n));
}

describe("The story's model of tasks", () => {
  it("pays owners, node and those that judged, each of these by its stake and the last one what is left", () => {
    const paid = { requester: -25n, one: 5n, other: 2n, provider: 10n };
    expect(movedBy("Valid", signers)).to.deep.equal({ ...paid, first: 2n, second: 2n, third: 4n });
    expect(movedBy("Valid", signers.slice(1))).to.deep.equal({ ...paid, second: 4n, third: 4n });
  });

  it("gives the requester back what nobody earned", () => {
    expect(movedBy("Unjudged")).to.deep.equal({ requester: -17n, one: 5n, other: 2n, provider: 10n });
    expect(movedBy("Aborted")).to.deep.equal({ requester: -7n, one: 5n, other: 2n });
    expect(movedBy("Cancelled")).to.deep.equal({});
  });

  it("takes what a failure costs out of the node's lock", () => {
    const late = { one: 5n, other: 2n, provider: -30n, slashed: 30n };
    expect(movedBy("Late")).to.deep.equal({ ...late, treasury: 23n });
    expect(movedBy("Invalid", signers)).to.deep.equal({ ...late, first: 2n, second: 2n, third: 4n, treasury: 15n });
    expect(movedBy("Suspended")).to.deep.equal({ one: 5n, other: 2n, provider: -7n, slashed: 7n });
  });

  it("holds what tasks hold that are not over", () => {
    for (const status of ["Published", "Accepted", "Submitted"]) {
      expect(movedBy(status)).to.deep.equal({ requester: -25n, held: 25n });
    }
  });

  it("neither makes nor loses a unit", () => {
    for (const status of ["Submitted", "Valid", "Unjudged", "Aborted", "Invalid", "Late", "Suspended", "Cancelled"]) {
      const moved = movedBy(status, status === "Valid" || status === "Invalid" ? signers : []);
      const all = Object.values(moved).reduce((sum, each) => sum + each, 0n);
      expect(all - (moved["slashed"] ?? 0n), status).to.equal(0n);
    }
  });

  it("finds fault with a task that ended otherwise, was signed blindly, or ended twice", () => {
    const served: TaskOutcome = {
      ...{ name: "it", id: 1n, expected: "Valid", opened: true },
      actual: "Valid",
      verdicts: 2,
      ends: 1,
    };
    const unseen: TaskOutcome = {
      ...{ name: "it", id: 2n, expected: "Invalid" },
      actual: "Invalid",
      verdicts: 0,
      ends: 0,
    };
    expect([served, unseen].flatMap(taskFaultsOf)).to.deep.equal([]);
    const bad = [
      { ...served, actual: "Unjudged" },
      { ...served, opened: false },
      { ...served, ends: 2 },
    ];
    for (const each of [...bad, { ...unseen, actual: "Valid", ends: 1 }, { ...unseen, verdicts: 1 }]) {
      expect(taskFaultsOf(each), JSON.stringify(each.actual)).to.have.length(1);
    }
  });
});
