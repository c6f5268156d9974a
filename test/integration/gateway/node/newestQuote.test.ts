import { expect } from "chai";

import { followNewestQuote } from "../../../../src/gateway/node/evidence.ts";

describe("The quote that a gateway hands out", () => {
  /** What the chain says: how often the node was attested, and the hash of the newest event's quote, which may lag behind. */
  let attestations: bigint;
  let newest: string;
  let looks: number;
  let time: number;
  let ask: () => Promise<string | undefined>;

  beforeEach(() => {
    [attestations, newest, looks, time] = [1n, "one", 0, 0];
    ask = followNewestQuote({
      attestations: async () => Promise.resolve(attestations),
      newest: async () => {
        looks++;
        return Promise.resolve(newest);
      },
      now: () => time,
    });
  });

  it("is looked for once as long as the node is not attested again", async () => {
    expect([await ask(), await ask()]).to.deep.equal(["one", "one"]);
    expect(looks).to.equal(1);
  });

  it("is the new one as soon as the node is attested again", async () => {
    await ask();
    [attestations, newest] = [2n, "two"];
    expect(await ask()).to.equal("two");
  });

  it("is looked for again as long as the events are behind", async () => {
    await ask();
    attestations = 2n;
    expect([await ask(), await ask()]).to.deep.equal(["one", "one"]);
    newest = "two";
    expect(await ask()).to.equal("two");
    const before = looks;
    expect([await ask(), looks]).to.deep.equal(["two", before]);
  });

  it("is looked for again after a minute, as a reorganisation may have put another in its place", async () => {
    await ask();
    newest = "another";
    time = 60_000;
    expect(await ask()).to.equal("another");
  });
});
