import { expect } from "chai";

import { describeSearch, searchAnswer, type SearchTerms } from "../../../tasks/proof/search.ts";
import { InputError } from "../../../src/inputError.ts";
import { createProver, type Prover } from "../../../src/pow/index.ts";

describe("searching an answer", () => {
  const terms: SearchTerms = {
    epoch: 5n,
    prefix: `0x${"ab".repeat(32)}`,
    target: 2n ** 200n,
    answerBy: 1_700_000_000n,
    now: 1_700_000_000n,
  };
  let prover: Prover;

  before(async () => {
    prover = await createProver({ threads: 1, engine: "wasm" });
  });
  after(() => prover.close());

  async function refusal(change: Partial<SearchTerms>): Promise<InputError> {
    try {
      await searchAnswer(prover, { ...terms, ...change }, () => undefined);
    } catch (error) {
      expect(error).to.be.instanceOf(InputError);
      return error as InputError;
    }
    throw new Error("It found an answer");
  }

  it("says so when it is too late", async () => {
    const { problem, remedy } = await refusal({ now: terms.answerBy + 90n });
    expect(problem).to.equal(
      "The answers to the challenge of epoch 5 were taken until 2023-11-14T22:13:20Z, 1m30s ago by the chain's time",
    );
    expect(remedy).to.include("next epoch's challenge");
  });

  it("says so when the machine is too slow, with what it made and what it takes", async () => {
    const { problem, remedy } = await refusal({ now: terms.answerBy - 1n });
    expect(problem).to.match(
      /^The window of epoch 5 closed with 0 of 128 hashes found: this machine made [\d,]+ hashes a second for \d s, and about [\d,]+ a second would have done$/,
    );
    expect(remedy).to.include("--threads");
  });

  it("warns while it searches, once a rate says something", () => {
    const progress = { hashes: 4_000, seconds: 4, rate: 1_000, found: 3, count: 128 };
    const easy = 2n ** 256n / 100n;
    expect(describeSearch(progress, easy, 30)).to.equal("3 of 128 found, 4,000 hashes, 1,000 a second");
    expect(describeSearch(progress, easy / 100n, 30)).to.match(/1,000 a second, too slow: it takes 42,667$/);
    expect(describeSearch({ ...progress, seconds: 1 }, easy / 100n, 30)).to.match(/1,000 a second$/);
  });
});
