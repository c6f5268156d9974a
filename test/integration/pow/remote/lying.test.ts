import { expect } from "chai";

import { type LeaseResult } from "../../../../src/pow/remote/messages.ts";
import { END, FIRST, Stage, statusOf, TARGET } from "../../../fixtures/pow/remote/crewStage.ts";

describe("A worker that lies", function () {
  this.timeout(20_000);
  const changes: Record<string, (result: LeaseResult) => LeaseResult> = {
    "reported nonce 5001, whose hash is too large": (result) => ({ ...result, nonces: [5001n] }),
    "reported nonce 8499, which it was not given": (result) => ({ ...result, nonces: [END - 1n] }),
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
});
