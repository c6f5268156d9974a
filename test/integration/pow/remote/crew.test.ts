import { expect } from "chai";
import fc from "fast-check";

import { type LeaseResult } from "../../../../src/pow/remote/messages.ts";
import {
  END,
  FIRST,
  hitsOf,
  PREFIX,
  resultOf,
  Stage,
  statusOf,
  TARGET,
  topOf,
} from "../../../fixtures/pow/remote/crewStage.ts";

const expected = hitsOf({ id: "", prefix: PREFIX, first: FIRST, end: END, targetTop: (TARGET - 1n) >> 192n });
const sorted = (nonces: readonly bigint[]): bigint[] => nonces.toSorted((a, b) => (a < b ? -1 : 1));

describe("The workers of a search", () => {
  it("count each nonce once, in whatever order results come, come again, come too late or never", () => {
    const event = fc.record({
      what: fc.constantFrom("finish", "again", "late", "vanish", "leave", "join", "wait", "excuse"),
      who: fc.constantFrom("a", "b", "c"),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const stage = new Stage();
        const old: LeaseResult[] = [];
        const actions: Record<string, (who: string) => void> = {
          finish: (who) => {
            stage.finish(who, (result) => {
              old.push(result);
              return result;
            });
          },
          again: () => {
            for (const result of old) stage.crew.hearResult(result, stage.now);
          },
          // A worker that had given up comes back with what it once had.
          late: (who) => {
            const leases = stage.leasesOf(who);
            stage.pass(2_000);
            stage.join(who);
            for (const lease of leases) stage.crew.hearResult(resultOf(who, lease), stage.now);
          },
          vanish: () => {
            stage.pass(2_000);
          },
          leave: (who) => {
            stage.crew.hearStatus(statusOf(who, true), stage.now);
          },
          join: (who) => {
            stage.join(who);
          },
          wait: () => {
            stage.pass(2_000, "a", "b", "c");
          },
          excuse: () => {
            stage.crew.excuse(stage.now);
          },
        };
        stage.join("a");
        stage.start();
        for (const { what, who } of events) actions[what]!(who);
        for (let round = 0; !stage.isOver && round < 1_000; round++) {
          stage.join("last");
          stage.finish("last");
          stage.pass(100, "last");
        }
        expect(stage.isOver).to.equal(true);
        expect(stage.news.filter((text) => text.includes("excluded"))).to.deep.equal([]);
        expect(stage.hashes).to.equal(Number(END - FIRST));
        expect(sorted(stage.found)).to.deep.equal(expected);
      }),
      { numRuns: 60 },
    );
  });

  it("are each given half a second of work at their rate, and the next beforehand", () => {
    const stage = new Stage();
    stage.join("a");
    stage.start();
    expect(stage.leasesOf("a").map(({ first, end }) => Number(end - first))).to.deep.equal([500, 500]);
    stage.now += 125;
    stage.finish("a");
    expect(stage.leasesOf("a").map(({ first, end }) => Number(end - first))).to.deep.equal([500, 1250]);
  });

  it("are lost after 1.5 s of silence, and others get what they had", () => {
    const stage = new Stage();
    stage.join("a");
    stage.join("b");
    stage.start();
    const had = stage.leasesOf("a");
    stage.pass(1_500, "b");
    expect(stage.news.filter((text) => text.includes("lost"))).to.deep.equal([]);
    stage.pass(100, "b");
    expect(stage.news.at(-1)).to.match(/^The worker a \(scripted, 1 threads\) is lost/);
    stage.finish("b");
    stage.finish("b");
    expect(stage.leasesOf("b")[0]?.first).to.equal(had[0]?.first);
  });

  it("are given less, after a rest, when they are heard of but do not finish in 1.75 s", () => {
    const stage = new Stage();
    stage.join("a");
    stage.start();
    const [lease] = stage.leasesOf("a");
    stage.pass(1_800, "a");
    expect(stage.news.at(-1)).to.contain("is slow");
    expect(stage.leasesOf("a")).to.deep.equal([]);
    stage.pass(1_000, "a");
    const [next] = stage.leasesOf("a");
    expect(next).to.deep.include({ first: lease!.first, end: lease!.first + 256n });
    stage.crew.hearResult(resultOf("a", lease!), stage.now);
    expect(stage.hashes).to.equal(0);
  });

  it("rest for ever longer when they are slow again and again, half a minute at most, and not at all once they finish", () => {
    const stage = new Stage();
    stage.join("a");
    stage.start();
    const rest = (): number => {
      for (; stage.leasesOf("a").length > 0;) stage.pass(100, "a");
      const since = stage.now;
      for (; stage.leasesOf("a").length === 0;) stage.pass(100, "a");
      return stage.now - since;
    };
    expect(Array.from({ length: 7 }, rest)).to.deep.equal([1, 2, 4, 8, 16, 30, 30].map((seconds) => 1000 * seconds));
    stage.finish("a");
    expect(rest()).to.equal(1_000);
  });

  it("are not missed while nobody could be heard", () => {
    const stage = new Stage();
    stage.join("a");
    stage.start();
    stage.now += 60_000;
    stage.crew.excuse(stage.now);
    stage.crew.check(stage.now);
    stage.finish("a");
    expect(stage.hashes).to.equal(500);
  });

  it("report only what the target asks for, of leases under way as well", () => {
    const stage = new Stage();
    stage.join("a");
    stage.start();
    const [smallest] = expected.toSorted((a, b) => (topOf(PREFIX, a) < topOf(PREFIX, b) ? -1 : 1));
    stage.job.tighten(((topOf(PREFIX, smallest!) + 1n) << 192n) - 1n);
    for (let round = 0; round < 50; round++) stage.finish("a");
    expect(stage.isOver).to.equal(true);
    expect(stage.found).to.deep.equal([smallest]);
  });

  it("ask for no more hits than fit a message", () => {
    const stage = new Stage((1n << 256n) - 1n, 1_000_000n);
    stage.crew.hearStatus({ ...statusOf("a"), rate: 1e12 }, 0);
    for (const lease of stage.leasesOf("a")) stage.crew.hearResult(resultOf("a", lease), 0);
    stage.start();
    expect(stage.leasesOf("a").map(({ first, end }) => Number(end - first))).to.deep.equal([4096, 4096]);
  });

  it("say when they are stopped how far they came, and begin nothing new", () => {
    const stage = new Stage();
    stage.join("a");
    stage.join("b");
    stage.start();
    const [lease] = stage.leasesOf("a");
    stage.crew.hearStatus(statusOf("b", true), 0);
    stage.crew.stop();
    expect(stage.leasesOf("a")).to.deep.equal([]);
    stage.join("c");
    stage.pass(200, "a", "c");
    expect([stage.leasesOf("c"), stage.isOver]).to.deep.equal([[], false]);
    const result = resultOf("a", { ...lease!, end: lease!.first + 100n });
    stage.crew.hearResult(result, stage.now);
    // Of 500 nonces, 64 hits were asked for: so many attempts the hits of this part speak for.
    const shown = Math.round((result.nonces.length * 500) / 64);
    expect(shown).to.be.within(50, 150);
    expect([stage.hashes, stage.isOver]).to.deep.equal([Math.min(100, shown), true]);
  });
});
