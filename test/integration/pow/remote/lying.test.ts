import { expect } from "chai";

import { type LeaseResult } from "../../../../src/pow/remote/messages.ts";
import { END, FIRST, resultOf, Stage, statusOf, TARGET } from "../../../fixtures/pow/remote/crewStage.ts";

describe("A worker that lies", () => {
  const changes: Record<string, (result: LeaseResult) => LeaseResult> = {
    "reported nonce 5001, whose hash is too large": (result) => ({ ...result, nonces: [5001n] }),
    "reported nonce 8499, which it was not given": (result) => ({ ...result, nonces: [END - 1n] }),
    "reported nonce 5500, which it was not given": (result) => ({ ...result, nonces: [FIRST + 500n] }),
    "reported nonce 5004, twice": (result) => ({ ...result, nonces: [...result.nonces, result.nonces[0]!] }),
    "said that it tried 400 of 500 nonces": (result) => ({ ...result, hashes: 400 }),
    "found 0 hashes where 64 were": (result) => ({ ...result, nonces: [] }),
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`is excluded where it ${what}`, () => {
      const stage = new Stage();
      stage.join("a");
      stage.start();
      stage.finish("a", change);
      expect(stage.news.at(-1)).to.contain(`is excluded: it ${what}`);
      expect([stage.leasesOf("a"), stage.hashes, stage.found]).to.deep.equal([[], 0, []]);
      // It stays excluded, and what it had goes to others.
      stage.crew.hearStatus(statusOf("a"), stage.now);
      expect(stage.leasesOf("a")).to.deep.equal([]);
      stage.join("b");
      expect(stage.leasesOf("b")[0]?.first).to.equal(FIRST);
    });
  }

  it("is excluded where it leaves out a fifth of the work again and again", () => {
    const stage = new Stage(TARGET, 10_000_000n);
    stage.join("a");
    stage.start();
    for (let round = 0; round < 60; round++) {
      stage.finish("a", (result) => ({ ...result, nonces: result.nonces.filter((_, i) => i % 5 !== 0) }));
    }
    expect(stage.news.at(-1)).to.match(/found \d+ hashes where \d+ were to be expected/);
  });

  it("is given nothing where it fails its test", () => {
    const stage = new Stage();
    stage.start();
    stage.crew.hearStatus(statusOf("a"), 0);
    const asked = stage.leasesOf("a");
    stage.pass(1_000, "a");
    expect(stage.leasesOf("a")).to.deep.equal(asked);
    stage.finish("a", (result) => ({ ...result, nonces: result.nonces.slice(1) }));
    expect(stage.news).to.deep.equal([
      "The worker a (scripted, 1 threads) is excluded: it failed its test against @noble/hashes",
    ]);
    expect(stage.leasesOf("a")).to.deep.equal([]);
  });

  it("counts for nothing where it shows nothing for what it says that it did before it was stopped", () => {
    const stage = new Stage();
    stage.join("a");
    stage.start();
    const [lease] = stage.leasesOf("a");
    stage.crew.stop();
    const made = { ...resultOf("a", lease!), hashes: 350, nonces: [] };
    stage.crew.hearResult(made, stage.now);
    expect([stage.hashes, stage.isOver]).to.deep.equal([0, true]);
  });

  for (const [what, change] of Object.entries({
    "reported nonce 5001, whose hash is too large": { hashes: 100, nonces: [5001n] },
    "said that it tried 501 of 500 nonces": { hashes: 501 },
  })) {
    it(`is excluded where it ${what}, also when it was stopped`, () => {
      const stage = new Stage();
      stage.join("a");
      stage.start();
      const [lease] = stage.leasesOf("a");
      stage.crew.stop();
      stage.crew.hearResult({ ...resultOf("a", lease!), ...change }, stage.now);
      expect(stage.news.at(-1)).to.contain(`is excluded: it ${what}`);
      expect([stage.hashes, stage.found, stage.isOver]).to.deep.equal([0, [], true]);
    });
  }

  it("keeps nobody out with names that it makes up", () => {
    const stage = new Stage();
    stage.join("trusted");
    for (let i = 0; i < 3_000; i++) stage.crew.hearStatus(statusOf(`made-up-${String(i)}`), stage.now);
    stage.join("honest");
    expect(stage.crew.trusted.map(({ id }) => id)).to.deep.equal(["trusted", "honest"]);
    stage.start();
    expect(stage.leasesOf("honest")).to.have.lengthOf(2);
  });

  it("loses the smallest nonces to others when it does not search them, whatever rate it claims", () => {
    const stage = new Stage(TARGET, 1n << 60n);
    stage.crew.hearStatus({ ...statusOf("a"), rate: 1e15 }, 0);
    for (const lease of stage.leasesOf("a")) stage.crew.hearResult(resultOf("a", lease), 0);
    stage.join("b");
    stage.start();
    const [taken] = stage.leasesOf("a");
    expect(taken!.first).to.equal(FIRST);
    stage.pass(1_000, "a", "b");
    stage.finish("b");
    stage.pass(800, "a", "b");
    expect(stage.news.filter((text) => text.includes("worker a")).at(-1)).to.contain("is slow");
    const firsts = Array.from({ length: 4 }, () => {
      stage.finish("b");
      return stage.leasesOf("b").map(({ first }) => first);
    });
    expect(firsts.flat()).to.include(FIRST);
  });
});
