import { expect } from "chai";
import { pino } from "pino";

import { recordedAlarms } from "../../fixtures/provider/recordedAlarms.ts";
import { ChainClock } from "../../../src/chain/clock.ts";
import { completeProviderConfig } from "../../../src/provider/config/load.ts";
import { Answers } from "../../../src/provider/proofs/answers.ts";
import { inOrder } from "../../../src/provider/proofs/decide.ts";
import type { NodeTerms, Round } from "../../../src/provider/proofs/round.ts";
import { Searches } from "../../../src/provider/proofs/searches.ts";
import { openProviderStore } from "../../../src/provider/store.ts";
import { createProver, packNonces, ProofSearchError, type Prover, type SolveOptions } from "../../../src/pow/index.ts";
import type { Database } from "../../../src/service/store/database.ts";

const SEED = `0x${"5e".repeat(32)}`;

const terms = (nodeId: bigint, target = 2n ** 255n): NodeTerms => ({
  ...{ nodeId, isLive: true, unitsInUse: 1n, isProven: false, enclaveKey: "0xe", requiredRate: 1n, target, sayers: 1 },
  prefix: `0x${nodeId.toString(16).padStart(2, "0").repeat(32)}`,
});
const round = (epoch: bigint, nodes: readonly NodeTerms[]): Round => ({
  ...{ epoch, seed: SEED, searchUntil: 2n ** 40n, answerBy: 2n ** 40n, nodes },
});

describe("a prover that several nodes share", () => {
  let database: Database;
  let answers: Answers;
  let searches: Searches;
  let told: readonly { readonly code: string }[];

  beforeEach(() => {
    database = openProviderStore(":memory:");
    answers = new Answers(database);
    const recorded = recordedAlarms();
    told = recorded.told;
    const config = completeProviderConfig({
      fields: {
        ...{ chain: { rpc: ["http://127.0.0.1:1"], addresses: "none" }, signer: { env: "NONE" }, nodes: [{ id: 1 }] },
        proofs: { search: "window" },
      },
      ...{ origin: "the test", environment: {} },
    });
    const { alarms } = recorded;
    const parts = { config, alarms, clock: new ChainClock(Date.now), now: Date.now, log: pino({ level: "silent" }) };
    searches = new Searches(parts, answers);
  });

  afterEach(() => {
    database.close();
  });

  const inTime = { gatherUntil: 2n ** 40n, searchBy: 2n ** 40n };

  it("searches for one after the other in the order in which they came, and stops at each one's answer", async () => {
    const asked: SolveOptions[] = [];
    let [atOnce, most] = [0, 0];
    const prover: Pick<Prover, "solve"> = {
      solve: async (options) => {
        asked.push(options);
        most = Math.max(most, ++atOnce);
        await new Promise((resolve) => setTimeout(resolve, 5));
        atOnce--;
        return { nonces: packNonces([1n]), hashes: 1, seconds: 1, rate: 1 } as unknown as Awaited<
          ReturnType<Prover["solve"]>
        >;
      },
    };
    const nodes = [3n, 1n, 2n, 5n, 4n].map((id) => terms(id));
    const here = round(7n, nodes);
    await Promise.all(nodes.map(async (node) => searches.search(here, node, { prover, isShared: true }, inTime)));
    expect(most).to.equal(1);
    expect(asked.map(({ prefix }) => prefix)).to.deep.equal(nodes.map(({ prefix }) => prefix));
    expect(asked.every(({ improveUntil }) => improveUntil === undefined)).to.equal(true);
    expect(answers.of(7n, SEED)).to.have.length(5);
  });

  it("goes on for smaller hashes as long as rates are counted where it searches for one node alone, and ends in time for a block", async () => {
    const asked: SolveOptions[] = [];
    const prover: Pick<Prover, "solve"> = {
      solve: async (options) => {
        asked.push(options);
        return Promise.reject(new ProofSearchError("ABORTED", "the test has seen enough"));
      },
    };
    const times = { gatherUntil: 1_000n, searchBy: 1_010n };
    for (const isShared of [false, true]) await searches.search(round(7n, []), terms(1n), { prover, isShared }, times);
    const ends = asked.map(({ improveUntil, deadline }) => [improveUntil, deadline]);
    expect(ends).to.deep.equal([
      [1_000_000, 1_010_000],
      [undefined, 1_010_000],
    ]);
  });

  it("tells of those for whom no time is left, and ends all at once where the challenge is no more", async () => {
    const prover = await createProver({ engine: "wasm", threads: 1 });
    try {
      const nodes = [terms(1n, 1n), terms(2n, 1n), terms(3n, 1n)];
      const here = round(7n, nodes);
      const soon = BigInt(Math.floor(Date.now() / 1000) + 1);
      const until = { gatherUntil: soon, searchBy: soon };
      const use = { prover, isShared: true };
      await Promise.all(nodes.map(async (node) => searches.search(here, node, use, until)));
      expect(told.map(({ code }) => code)).to.deep.equal(["prover-too-slow", "prover-too-slow", "prover-too-slow"]);
      const endless = [terms(1n, 1n), terms(2n, 1n), terms(3n, 1n)];
      const searching = endless.map(async (node) => searches.search(round(8n, endless), node, use, inTime));
      setTimeout(() => {
        searches.keepTo([]);
      }, 50);
      await Promise.all(searching);
      expect(answers.of(8n, SEED)).to.deep.equal([]);
    } finally {
      await prover.close();
    }
  });

  it("searches first for whom it had no answer the last time, so that none misses twice in a row", () => {
    const nodes = [1n, 2n, 3n, 4n].map((id) => terms(id));
    let missed: bigint[] = [];
    for (let epoch = 1n; epoch <= 8n; epoch++) {
      // There is time for two of them in each epoch.
      const ordered = inOrder(nodes, answers.withoutAnswer(epoch)).map(({ nodeId }) => nodeId);
      for (const nodeId of ordered.slice(0, 2))
        answers.found({ epoch, seed: SEED, nodeId, terms: "" }, packNonces([1n]));
      const late = ordered.slice(2);
      for (const nodeId of late)
        answers.failed({ epoch, seed: SEED, nodeId, terms: "" }, "no answer was found in time");
      expect(late.filter((nodeId) => missed.includes(nodeId))).to.deep.equal([]);
      missed = late;
    }
  });
});
