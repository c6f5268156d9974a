import { expect } from "chai";
import { toBeHex, zeroPadValue } from "ethers";
import fc from "fast-check";

import { BLOCK, EndingStage, verdictOf, type EndingSeat } from "../../fixtures/validator/endingStage.ts";
import type { Hex } from "../../../src/sgx/bytes.ts";
import type { SignedVerdict } from "../../../src/validator/store/verdicts.ts";
import { isOn, type JudgedTask } from "../../../src/validator/verdicts/waiting.ts";
import { Turns } from "../../../src/validator/watch/turns.ts";

const STEP = 3_000;
const TASK = 7n;
const SEATS = [1, 2, 3].map((seat) => `0x${String(seat).padStart(40, "0")}`);
/** A round of everybody's turns, and of one for those who have no seat. */
const ROUND = (SEATS.length + 1) * 2 * STEP;

const seatsOf = (change: (seat: number) => Partial<EndingSeat> = () => ({})): EndingSeat[] =>
  SEATS.map((own, i) => ({ own, lag: 0, delay: 0, queue: 0, runs: true, ...change(i) }));

describe("Validators that end a task by a quorum's verdict", () => {
  it("pay for it once, whenever each of them learns that there is a quorum, and whoever of them does not run", async () => {
    const times = fc.tuple(...SEATS.map(() => fc.integer({ min: 0, max: 12 })));
    const story = fc.record({
      from: fc.integer({ min: 0, max: 1_000 }),
      heard: times,
      // As long as a step, in which what was sent must be seen by all, allows for.
      lags: fc.tuple(...SEATS.map(() => fc.integer({ min: 0, max: STEP - 2 * BLOCK }))),
      delays: fc.tuple(...SEATS.map(() => fc.integer({ min: 0, max: BLOCK / 2 }))),
      absent: fc.option(fc.nat(SEATS.length - 1)),
      // The sender of one is busy, for longer than a turn.
      busy: fc.record({ seat: fc.nat(SEATS.length - 1), queue: fc.integer({ min: 0, max: 3 * STEP }) }),
      // The chain stands still for a while, or not at all.
      stall: fc.record({ after: fc.integer({ min: 0, max: ROUND }), length: fc.integer({ min: 0, max: ROUND }) }),
    });
    const once = fc.asyncProperty(story, async ({ from, heard, lags, delays, absent, busy, stall }) => {
      const seats = seatsOf((i) => ({
        ...{ lag: lags[i]!, delay: delays[i]!, queue: i === busy.seat ? busy.queue : 0, runs: i !== absent },
      }));
      const stage = new EndingStage(seats, { now: from * BLOCK, step: STEP });
      const still = stage.now + stall.after;
      stage.stall = { from: still, to: still + stall.length };
      const all = seats.filter(({ runs }) => runs).map((seat) => ({ ...stage.open(seat), seat }));
      for (const { verdicts, seat } of all) verdicts.add(verdictOf(TASK, seat.own));
      for (let second = 0; second < (4 * ROUND) / 1_000; second++) {
        for (const [i, { verdicts }] of all.entries()) {
          if (second === heard[i]) for (const own of SEATS) verdicts.add(verdictOf(TASK, own));
        }
        await stage.pass(
          1_000,
          all.map(({ ending }) => ending),
        );
      }
      stage.close();
      expect(stage.hasEnded(TASK)).to.equal(true);
      expect(stage.sent.map(({ own }) => own)).to.have.lengthOf(1);
    });
    await fc.assert(once, { numRuns: 40 });
  });

  it("send nothing in somebody else's turn, and nothing in their own by what they read before it", async () => {
    const [seat] = seatsOf() as [EndingSeat];
    const turnsAt = (now: number): Turns =>
      new Turns({ own: seat.own, step: STEP, clock: { now: () => now }, now: () => now });
    const begin = turnsAt(0).wait(TASK, SEATS);
    for (const [now, lag, delay, isSent] of [
      [begin, 0, 0, true],
      [begin + STEP, 0, 0, false],
      [begin, 0, STEP, false],
      // Read before the turn, and sent in it; read in the turn, and signed after it.
      [begin - BLOCK, 0, 1.2 * BLOCK, false],
      [begin + STEP - BLOCK, 0, 1.2 * BLOCK, false],
      [begin + STEP - 2 * BLOCK, 0, 1.2 * BLOCK, false],
      [begin, 0, 1.2 * BLOCK, true],
      [begin + 2 * BLOCK, STEP + 3 * BLOCK, 0, false],
    ] as const) {
      const stage = new EndingStage(seatsOf(), { now, step: STEP });
      const { ending, verdicts } = stage.open({ ...seat, lag, delay });
      for (const own of SEATS) verdicts.add(verdictOf(TASK, own));
      await stage.pass(BLOCK, [ending]);
      await stage.pass(3 * STEP, []);
      stage.close();
      expect(stage.sent, `${String(now - begin)} ${String(lag)} ${String(delay)}`).to.have.lengthOf(isSent ? 1 : 0);
    }
  });
});

describe("Validators of whom some have changed their signing keys since their verdicts", () => {
  const seats = [1, 2, 3, 4].map((seat) => `0x${String(seat).padStart(40, "0")}`);
  /** How often a task is ended that all have called valid. */
  async function endsWith(changed: readonly string[]): Promise<number> {
    const all = seats.map((own) => ({ ...seatsOf()[0]!, own }));
    const stage = new EndingStage(all, { now: 0, step: STEP });
    for (const each of changed) stage.changed.add(each);
    const { ending, verdicts } = stage.open(all[0]!);
    for (const seat of seats) verdicts.add(verdictOf(TASK, seat));
    await stage.pass(3 * ROUND, [ending]);
    stage.close();
    return stage.sent.length;
  }

  it("end it without these verdicts, with which the chain would refuse all others, where the others are a quorum", async () => {
    expect(await endsWith([])).to.equal(1);
    expect(await endsWith(seats.slice(3))).to.equal(1);
    expect(await endsWith(seats.slice(2))).to.equal(0);
  });
});

describe("A validator whose sender is too busy to sign in the validator's turn", () => {
  it("has nothing sent after it, and looks anew in its next one", async () => {
    const [seat] = seatsOf() as [EndingSeat];
    const stage = new EndingStage([seat], { now: 0, step: STEP });
    const turns = new Turns({ own: seat.own, step: STEP, clock: { now: () => stage.now }, now: () => stage.now });
    const busy = { ...seat, queue: STEP };
    const { ending, verdicts } = stage.open(busy);
    verdicts.add(verdictOf(TASK, seat.own));
    const read: number[] = [];
    stage.meanwhile = async () => {
      read.push(stage.now);
      if (read.length === 2) busy.queue = 0;
      return Promise.resolve();
    };
    await stage.pass(8 * STEP, [ending]);
    stage.close();
    const inTurn = (at: number): boolean => {
      const now = (): number => at;
      return new Turns({ own: seat.own, step: STEP, clock: { now }, now }).wait(TASK, [seat.own]) === 0;
    };
    expect([turns.endOf(TASK, [seat.own]) === undefined, read.map(inTurn)]).to.deep.equal([false, [true, true]]);
    expect(read[1]! - read[0]!, "in another turn").to.be.greaterThan(STEP);
    expect(stage.sent.map(({ at }) => at)).to.deep.equal([read[1]]);
  });
});

describe("A validator whose transaction the chain refuses because somebody was first", () => {
  const [seat] = seatsOf();
  let stage: EndingStage;
  let opened: ReturnType<EndingStage["open"]>;
  beforeEach(() => {
    stage = new EndingStage(seatsOf(), { now: 0, step: STEP });
    opened = stage.open(seat!);
  });
  afterEach(() => {
    stage.close();
  });

  it("takes that for no failure, goes on with other tasks, and leaves the first alone", async () => {
    for (const own of SEATS) for (const task of [TASK, TASK + 1n]) opened.verdicts.add(verdictOf(task, own));
    const called: bigint[] = [];
    stage.meanwhile = async (taskId) => {
      called.push(taskId);
      if (called.length > 1) return;
      stage.endTask(taskId);
      await stage.sleep(BLOCK);
    };
    await stage.pass(3 * ROUND, [opened.ending]);
    expect([...called].sort()).to.deep.equal([TASK, TASK + 1n]);
    expect(stage.sent.map(({ key }) => key.split(" ")[1])).to.deep.equal([String(called[1])]);
  });

  it("tells once that somebody else has reported a contradiction", async () => {
    const liar = SEATS[1]!;
    for (const verdict of ["Valid", "Invalid"] as const) opened.verdicts.add(verdictOf(TASK, liar, verdict));
    await stage.pass(3 * ROUND, [opened.ending]);
    expect(opened.told.map(({ code, about, problem }) => [code, about, problem.split(": ")[1]])).to.deep.equal([
      ["contradiction-seen", liar, "somebody else has reported it, or no stake is left"],
    ]);
    expect(opened.cases.openOf("contradiction")).to.deep.equal([]);
  });
});

describe("a verdict that a validator has kept", () => {
  const hashes = [1, 2, 3, 4].map((n) => zeroPadValue(toBeHex(n), 32) as Hex) as [Hex, Hex, Hex, Hex];
  const [resultHash, termsHash, otherResult, otherTerms] = hashes;
  const task = { resultHash, termsHash, vouchedAttestation: 7n, verdictBy: 1_000n } as JudgedTask;
  const { verdictBy: deadline, ...named } = task;
  const verdict = { ...named, deadline } as unknown as SignedVerdict;

  it("is on the task that the chain has", () => {
    expect(isOn(verdict, task)).to.equal(true);
  });

  const others: Readonly<Record<string, Partial<JudgedTask>>> = {
    "another result": { resultHash: otherResult },
    "other terms": { termsHash: otherTerms },
    "another attestation": { vouchedAttestation: 8n },
    "another deadline": { verdictBy: 1_001n },
  };
  for (const [what, other] of Object.entries(others)) {
    it(`is not on one of the same number with ${what}, as a reorganisation leaves it`, () => {
      expect(isOn(verdict, { ...task, ...other })).to.equal(false);
    });
  }
});
