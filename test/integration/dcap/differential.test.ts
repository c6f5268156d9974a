import { expect } from "chai";

import { createChain, type Chain } from "../../fixtures/dcap/chain.ts";
import { runClass } from "../../fixtures/dcap/differential.ts";
import { mutationClasses } from "../../fixtures/dcap/mutations/index.ts";
import { LEAST_ACCEPTED, tableOf, type Tally } from "../../fixtures/dcap/tally.ts";

/** A fixed sample for every day; all of them, or others, by the environment (see scripts/test-deep.ts). */
const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 20_250_901);
const CASES_PER_CLASS = Number(process.env.DIFFERENTIAL_CASES ?? 15);

describe("DCAP: the contracts judge as the TypeScript verifier does", function () {
  this.timeout(0);
  const tallies: Tally[] = [];
  let chain: Chain;

  before(async () => {
    chain = await createChain();
  });
  after(() => {
    console.log(`\n${tableOf(tallies)}\n\nseed ${SEED}`);
  });

  for (const mutations of mutationClasses()) {
    it(mutations.name, async () => {
      const { tally, findings } = await runClass(chain, mutations, SEED, CASES_PER_CLASS);
      tallies.push(tally);
      expect(findings.map((finding) => JSON.stringify(finding))).to.deep.equal([]);
      if (tally.canHold) expect(tally.accepted).to.be.at.least(LEAST_ACCEPTED);
    });
  }
});
