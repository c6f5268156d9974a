import { expect } from "chai";

import { payoutsOf } from "../../../src/facts/payouts.ts";
import type { TaskView } from "../../../src/facts/task.ts";
import { bandsOf, flowsOf, ROW, type Flow, type MoneyEvents } from "../../../page/src/task/money.ts";
import { isWanted } from "../../../page/src/task/filter.ts";

/** A task with two owners of 3 and 4, 12 for the node, 5 for the validators, and a lock of 50. */
const events: MoneyEvents = {
  requester: "requester",
  provider: "provider",
  status: "Valid",
  isAccepted: true,
  nodeFee: 12n,
  stakeLock: 50n,
  refunded: [0n, 0n],
  credited: [
    { account: "a", amount: 3n },
    { account: "provider", amount: 4n },
    { account: "provider", amount: 12n },
  ],
  compensated: [],
  shares: [
    { signer: "v", amount: 2n },
    { signer: "w", amount: 3n },
  ],
};

const told = (flows: readonly Flow[]): string[] =>
  flows.map(({ from, to, account = "", amount }) => `${from} ${to} ${account} ${amount.toString()}`);

const totalOf = (flows: readonly Flow[], from: Flow["from"]): bigint =>
  flows.filter((flow) => flow.from === from).reduce((sum, { amount }) => sum + amount, 0n);

describe("the way of a task's money", () => {
  it("leads from the escrow to owners, node and signers where the result was good, and releases the lock", () => {
    expect(told(flowsOf(events))).to.deep.equal([
      "escrow owner a 3",
      "escrow owner provider 4",
      "escrow node provider 12",
      "escrow validator v 2",
      "escrow validator w 3",
      "lock provider provider 50",
    ]);
  });

  it("leads back to the requester where it was bad, and the lock pays owners, signers and the treasury", () => {
    const compensated = [{ owner: "a", amount: 7n }];
    const flows = flowsOf({ ...events, status: "Invalid", credited: [], compensated, refunded: [0n, 24n] });
    expect(told(flows)).to.deep.equal([
      "escrow requester requester 24",
      "lock validator v 2",
      "lock validator w 3",
      "lock owner a 7",
      "lock treasury  38",
    ]);
    expect(totalOf(flows, "lock")).to.equal(50n);
  });

  it("releases what is left of the lock where the node was suspended", () => {
    const compensated = [{ owner: "a", amount: 7n }];
    const ended = { status: "Suspended", credited: [], shares: [], compensated, refunded: [1n, 24n] };
    expect(told(flowsOf({ ...events, ...ended }))).to.deep.equal([
      "escrow requester requester 25",
      "lock owner a 7",
      "lock provider provider 43",
    ]);
  });

  it("has no node among those credited where the enclave gave up, and no lock where nobody accepted", () => {
    const aborted = { ...events, status: "Aborted", credited: [{ account: "a", amount: 7n }], shares: [] };
    expect(told(flowsOf({ ...aborted, refunded: [0n, 17n] }))).to.deep.equal([
      "escrow owner a 7",
      "escrow requester requester 17",
      "lock provider provider 50",
    ]);
    const cancelled = { ...events, status: "Cancelled", isAccepted: false, credited: [], shares: [] };
    expect(told(flowsOf({ ...cancelled, refunded: [24n] }))).to.deep.equal(["escrow requester requester 24"]);
  });

  it("is drawn as bands that keep to their rows, in proportion, beside each other", () => {
    const flows = flowsOf(events);
    const bands = bandsOf(flows);
    bands.forEach(({ right, thickness }, i) => {
      expect(right).to.be.at.least(i * ROW);
      expect(right + thickness).to.be.at.most((i + 1) * ROW);
    });
    const [, , node] = bands;
    const lock = bands.at(-1);
    const proportion = (lock?.thickness ?? 0) / (node?.thickness ?? 1);
    expect(Math.abs(proportion - 50 / 12) < 0.01, `${String(proportion)} of 50 / 12`).to.equal(true);
    bands.slice(1).forEach(({ left }, i) => {
      const before = bands[i];
      expect(left).to.be.at.least((before?.left ?? 0) + (before?.thickness ?? 0));
    });
  });
});

describe("what an end of a task would pay", () => {
  const task = {
    ...{ status: "Submitted", ownersFee: 7n, nodeFee: 12n, validatorFee: 5n, stakeLock: 50n },
  } as TaskView;

  it("pays the owners out of the lock where the node was suspended, as the contract does", () => {
    const suspended = payoutsOf(task).find(({ end }) => end === "Suspended");
    expect(suspended).to.deep.equal({
      ...{ end: "Suspended", owners: 7n, node: 0n, validators: 0n, requester: 24n, treasury: 0n, from: "lock" },
    });
  });
});

describe("which tasks are looked for", () => {
  const task = { taskId: 7n, status: "Accepted", requester: "0xAbC", nodeId: 3n };

  it("are those of a state, or all that are not over", () => {
    expect(isWanted(task, { text: "", status: "" })).to.equal(true);
    expect(isWanted(task, { text: "", status: "open" })).to.equal(true);
    expect(isWanted(task, { text: "", status: "Valid" })).to.equal(false);
    expect(isWanted({ ...task, status: "Valid" }, { text: "", status: "open" })).to.equal(false);
  });

  it("are those whose requester, node or number is named", () => {
    for (const text of ["0xabc", "node 3", "task 7"]) expect(isWanted(task, { text, status: "" }), text).to.equal(true);
    expect(isWanted(task, { text: "node 4", status: "" })).to.equal(false);
  });
});
