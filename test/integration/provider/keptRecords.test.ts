import { expect } from "chai";

import { Answers } from "../../../src/provider/proofs/answers.ts";
import { keyOf } from "../../../src/provider/proofs/decide.ts";
import { TopUps } from "../../../src/provider/stake/topUps.ts";
import { openProviderStore } from "../../../src/provider/store.ts";
import type { NodeView } from "../../../src/provider/view.ts";
import { DueTimes } from "../../../src/provider/watch/due.ts";
import type { Database } from "../../../src/service/store/database.ts";

const NODE = { id: 1n, isLive: true, unitsInUse: 1n } as NodeView;
const SEED = `0x${"5e".repeat(32)}`;

describe("what a provider's service remembers", () => {
  let database: Database;
  beforeEach(() => {
    database = openProviderStore(":memory:");
  });
  afterEach(() => {
    database.close();
  });

  describe("of what was put in as stake", () => {
    it("counts what is under way like what is in, and what came back not at all", () => {
      const topUps = new TopUps(database);
      topUps.begin("top-up 1", 400n, 1);
      expect(topUps.totalBeside("top-up 2")).to.equal(400n);
      expect(topUps.totalBeside("top-up 1")).to.equal(0n);
      topUps.done("top-up 1");
      topUps.begin("top-up 2", 30n, 2);
      expect(topUps.totalBeside("top-up 3")).to.equal(430n);
      topUps.cameBack("top-up 2");
      expect(topUps.totalBeside("top-up 3")).to.equal(400n);
    });

    it("keeps the amount that was begun with under a key", () => {
      const topUps = new TopUps(database);
      expect(topUps.begin("top-up 1", 400n, 1)).to.equal(400n);
      expect(topUps.begin("top-up 1", 500n, 2)).to.equal(400n);
      expect(topUps.totalBeside("")).to.equal(400n);
    });

    it("adds up to the same when what lies far back is put together", () => {
      const topUps = new TopUps(database);
      for (let i = 1; i <= 10; i++) {
        topUps.begin(`top-up ${String(i)}`, BigInt(i), i);
        if (i < 10) topUps.done(`top-up ${String(i)}`);
      }
      topUps.condense(3);
      expect(topUps.totalBeside("")).to.equal(55n);
      expect(database.all("SELECT key FROM top_ups")).to.have.length(5);
    });
  });

  describe("of when nodes had to prove", () => {
    const saw = (due: DueTimes, now: bigint, settledTo?: bigint, node: Partial<NodeView> = {}): void => {
      const order = { nodeId: 1n, status: "Active", settledTo: settledTo ?? 0n };
      due.saw({ now, nodes: [{ ...NODE, ...node }] }, settledTo === undefined ? [] : [order], false);
    };
    const FREE = { unitsInUse: 0n };

    it("forgets what a reorganisation has undone", () => {
      const due = new DueTimes(database);
      saw(due, 1_000n, 1_000n);
      saw(due, 1_100n, 1_000n);
      saw(due, 1_200n, undefined, FREE);
      saw(due, 1_150n, 1_000n);
      expect(due.of(1n)).to.deep.equal([{ since: 1_000n, until: 1_150n, isLive: true }]);
    });

    it("begins with the order, but not before the node was last seen without one", () => {
      for (const [settledTo, since] of [
        [900n, 1_001n],
        [1_050n, 1_050n],
      ] as const) {
        database.run("DELETE FROM due");
        const due = new DueTimes(database);
        saw(due, 1_000n, undefined, FREE);
        saw(due, 1_100n, settledTo);
        expect(due.of(1n)).to.deep.equal([{ since, until: 1_100n, isLive: true }]);
      }
    });

    it("goes on over the time in which nobody looked where the node still stands so, and ends where it does not", () => {
      const due = new DueTimes(database);
      saw(due, 1_000n, 1_000n);
      saw(due, 9_000n, 1_000n);
      saw(due, 20_000n, undefined, FREE);
      saw(due, 21_000n, 20_500n, { isLive: false });
      expect(due.of(1n)).to.deep.equal([
        { since: 1_000n, until: 9_000n, isLive: true },
        { since: 20_500n, until: 21_000n, isLive: false },
      ]);
    });
  });

  it("of an answer that came back, so that it goes under another key the next time", () => {
    const answers = new Answers(database);
    const name = { epoch: 7n, seed: SEED, nodeId: 1n, terms: "a" };
    answers.found(name, new Uint8Array(8));
    answers.signed(name, "0x51");
    const keys: string[] = [];
    for (let i = 0; i < 2; i++) {
      const key = keyOf(7n, SEED, answers.of(7n, SEED));
      answers.given([name], key);
      expect(answers.of(7n, SEED)[0]?.sentAs).to.equal(key);
      keys.push(key);
      answers.cameBack([name]);
      expect(answers.of(7n, SEED)[0]?.sentAs).to.equal(undefined);
    }
    expect(new Set(keys).size).to.equal(2);
    expect(answers.of(7n, SEED)[0]).to.include({ attempts: 2, signature: "0x51" });
  });

  it("of each answer by the terms that it is to, of which a node may have been said several", () => {
    const answers = new Answers(database);
    const [one, other] = ["a", "b"].map((terms) => ({ epoch: 7n, seed: SEED, nodeId: 1n, terms }));
    for (const name of [other!, one!]) answers.found(name, new Uint8Array(8));
    answers.signed(one!, "0x51");
    answers.given([one!], "a key");
    answers.failed(other!, "the chain refused it");
    const known = answers
      .of(7n, SEED)
      .map(({ terms, signature, sentAs, failure }) => [terms, signature, sentAs, failure]);
    expect(known).to.deep.equal([
      ["a", "0x51", "a key", undefined],
      ["b", undefined, undefined, "the chain refused it"],
    ]);
    answers.cameBack([one!]);
    expect(answers.of(7n, SEED).map(({ attempts }) => attempts)).to.deep.equal([1, 0]);
  });
});
