import { expect } from "chai";

import { judgedUntil } from "../../../src/chain/judgedTime.ts";
import { stateOf, type TaskView } from "../../../src/facts/task.ts";

const [HOUR, DAY] = [3_600n, 86_400n];
const VERDICT_BY = 2_000_000_000n;

/** A task with a result, a while after the time for verdicts. */
const task = (changes: Partial<TaskView>): TaskView =>
  ({
    ...{ taskId: 7n, nodeId: 3n, status: "Submitted", provider: "0xp", openDemands: 0n },
    ...{ isDemanded: true, isDiscredited: false, inDoubt: false },
    ...{ verdictDue: VERDICT_BY, verdictOver: VERDICT_BY, now: VERDICT_BY + 1n },
    ...changes,
  }) as TaskView;

describe("how a task stands whose time for verdicts is over", () => {
  it("ends as unjudged where its result was shown, and pays the node", () => {
    const { words, next, isOverdue } = stateOf(task({}));
    expect(words).to.match(/^unjudged: no verdict by/);
    expect(next).to.include("owners and node are paid");
    expect(isOverdue).to.equal(true);
    expect(stateOf(task({ verdictOver: VERDICT_BY + 1n })).isOverdue).to.equal(false);
  });

  it("goes on where nobody has demanded anything, and says who demands and shows it", () => {
    const { words, next, isOverdue } = stateOf(task({ isDemanded: false }));
    expect(words).to.include("silence alone does not pay the node");
    for (const command of ["task demand 7 --account 0xp", "task answer 7", "task close 7"]) {
      expect(next).to.include(`\`${command}\``);
    }
    expect(isOverdue).to.equal(false);
    expect(stateOf(task({ isDemanded: false, now: VERDICT_BY })).words).to.include("verdicts count until");
  });

  it("ends at the node's cost where its quote proved false, whatever was demanded", () => {
    for (const isDemanded of [true, false]) {
      const { words, next, isOverdue } = stateOf(task({ isDiscredited: true, isDemanded }));
      expect(words).to.include("disproven or not shown");
      expect(next).to.include("the node's lock pays the owners");
      expect(isOverdue).to.equal(true);
    }
    expect(stateOf(task({ isDiscredited: true, verdictOver: VERDICT_BY + 1n })).isOverdue).to.equal(false);
  });
});

describe("the last second in which a verdict counts", () => {
  const until = (suspended: bigint, verdictsBy: bigint): bigint =>
    judgedUntil({ verdictBy: VERDICT_BY, suspended, revocationDelay: 2n * DAY, verdictsBy }) - VERDICT_BY;

  it("waits for suspensions, by one revocation delay at most, and for demands", () => {
    expect(until(0n, 0n)).to.equal(0n);
    expect(until(HOUR, 0n)).to.equal(HOUR);
    expect(until(9n * DAY, 0n)).to.equal(2n * DAY);
    expect(until(HOUR, VERDICT_BY + DAY + HOUR)).to.equal(DAY + HOUR);
    expect(until(2n * DAY, VERDICT_BY + DAY)).to.equal(2n * DAY);
  });

  it("waits for no demand so late that those who left answer for theirs no more", () => {
    const latest = 3n * DAY + HOUR;
    expect(until(0n, VERDICT_BY + latest)).to.equal(latest);
    expect(until(0n, VERDICT_BY + latest + 1n)).to.equal(latest);
    expect(until(0n, VERDICT_BY + 99n * DAY)).to.equal(latest);
  });
});
