import { writeFileSync } from "node:fs";

import { expect } from "chai";

import { createChain, type Chain } from "../../fixtures/dcap/chain.ts";
import { runClass } from "../../fixtures/dcap/differential.ts";
import { mutationClasses } from "../../fixtures/dcap/mutations/index.ts";
import { LEAST_ACCEPTED, tableOf, writeTallies, type Tally } from "../../fixtures/dcap/tally.ts";

/** The same sample every day; scripts/test-deep.ts asks for more by the environment. */
const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 20_250_901);
const CASES_PER_CLASS = Number(process.env.DIFFERENTIAL_CASES ?? 15);
/** Which of how many parts of the classes. */
const [PART = 0, PARTS = 1] = (process.env.DIFFERENTIAL_SHARD ?? "0/1").split("/").map(Number);
/** Where to write the verdicts, instead of printing them. */
const REPORT = process.env.DIFFERENTIAL_REPORT;

/** Findings that are shown of a class; where one thing is wrong there are mostly hundreds. */
const MOST_FINDINGS = 10;

describe("DCAP: the contracts judge as the TypeScript verifier does", function () {
  this.timeout(0);
  const tallies: Tally[] = [];
  let chain: Chain;

  before(async () => {
    chain = await createChain();
  });
  after(() => {
    if (REPORT === undefined) console.log(`\n${tableOf(tallies)}\n\nseed ${SEED}`);
    else writeFileSync(REPORT, writeTallies(tallies));
  });

  for (const mutations of mutationClasses().filter((_, i) => i % PARTS === PART)) {
    it(mutations.name, async () => {
      const { tally, findings } = await runClass(chain, mutations, SEED, CASES_PER_CLASS);
      tallies.push(tally);
      const shown = findings.slice(0, MOST_FINDINGS).map((finding) => JSON.stringify(finding, undefined, 1));
      expect(findings.length, `${findings.length} findings, seed ${SEED}:\n${shown.join("\n")}`).to.equal(0);
      if (tally.canHold) expect(tally.accepted, "accepted cases").to.be.at.least(LEAST_ACCEPTED);
    });
  }
});
