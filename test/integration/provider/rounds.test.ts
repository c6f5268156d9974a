import { expect } from "chai";
import { pino } from "pino";

import { recordedAlarms } from "../../fixtures/provider/recordedAlarms.ts";
import { ChainClock } from "../../../src/chain/clock.ts";
import { ProofSearchError, type Prover, type SolveOptions } from "../../../src/pow/index.ts";
import { completeProviderConfig } from "../../../src/provider/config/load.ts";
import { Answers } from "../../../src/provider/proofs/answers.ts";
import type { NodeTerms, Round } from "../../../src/provider/proofs/round.ts";
import { claimOf, isOutnumbered, roundsOf, type Claim } from "../../../src/provider/proofs/rounds.ts";
import { Searches } from "../../../src/provider/proofs/searches.ts";
import { openProviderStore } from "../../../src/provider/store.ts";

const [TRUE, FALSE] = [2n ** 200n, 1n];

const node = (nodeId: bigint, terms: Partial<NodeTerms> = {}): NodeTerms => ({
  ...{ nodeId, isLive: true, unitsInUse: 1n, isProven: false, enclaveKey: "0xe", requiredRate: 1n, sayers: 1 },
  ...{ prefix: "0x", target: TRUE, ...terms },
});
const round = (nodes: readonly NodeTerms[], seed = "0xaa"): Round => ({
  ...{ epoch: 7n, seed, searchUntil: 2n ** 40n, answerBy: 2n ** 40n, nodes },
});

describe("what endpoints say of a challenge", () => {
  const targets = (rounds: readonly Round[]) =>
    rounds.map(({ seed, nodes }) => [seed, nodes.map(({ target, sayers }) => [target, sayers])]);

  it("is one challenge where all say the same, of which all speak", () => {
    const said = [round([node(1n)]), round([node(1n)]), round([node(1n)])];
    expect(targets(roundsOf(said[0], said))).to.deep.equal([["0xaa", [[TRUE, 3]]]]);
    expect(targets(roundsOf(said[0], [])), "before all of them were asked").to.deep.equal([["0xaa", [[TRUE, 1]]]]);
    expect(roundsOf(undefined, [undefined, undefined])).to.deep.equal([]);
  });

  it("comes in the order of how many say it, whoever was asked now", () => {
    const [lie, truth] = [round([node(1n)], "0xbb"), round([node(1n)])];
    expect(targets(roundsOf(lie, [lie, truth, truth]))).to.deep.equal([
      ["0xaa", [[TRUE, 2]]],
      ["0xbb", [[TRUE, 1]]],
    ]);
  });

  it("has a node with all the terms that are said of it, first with those that most say", () => {
    const [lie, truth] = [round([node(1n, { target: FALSE })]), round([node(1n)])];
    const [merged] = roundsOf(lie, [lie, truth, truth]);
    expect(targets([merged!])).to.deep.equal([
      [
        "0xaa",
        [
          [TRUE, 2],
          [FALSE, 1],
        ],
      ],
    ]);
  });

  it("has a node prove where one of them says that it has to", () => {
    const idle = node(1n, { isLive: false, unitsInUse: 0n });
    for (const said of [
      [idle, node(1n), idle],
      [node(1n, { isProven: true }), node(1n), node(1n, { isProven: true })],
    ]) {
      const rounds = said.map((each) => round([each]));
      expect(roundsOf(rounds[0], rounds)[0]!.nodes).to.deep.equal([node(1n, { sayers: 3 })]);
    }
    const proven = round([node(1n, { isProven: true })]);
    expect(roundsOf(proven, [proven, proven])[0]!.nodes[0]!.isProven).to.equal(true);
  });
});

describe("the search for what fewer endpoints speak of", () => {
  const claim = (sayers: number, name: string, nodeId = 1n): Claim => ({ name, nodeId, sayers });

  it("is not made where more speak of another for the same node", () => {
    const others = [claim(2, "two"), claim(3, "of another node", 2n)];
    expect(isOutnumbered(claim(1, "one"), others)).to.equal(true);
    expect(isOutnumbered(claim(2, "as many"), others)).to.equal(false);
    expect(isOutnumbered(claim(2, "two"), others)).to.equal(false);
  });

  /** Whether a search ends by something. */
  async function isEnded(isShared: boolean, act: (searches: Searches, own: Claim) => void): Promise<boolean> {
    const database = openProviderStore(":memory:");
    const config = completeProviderConfig({
      fields: {
        ...{ chain: { rpc: ["http://127.0.0.1:1"], addresses: "none" }, signer: { env: "NONE" }, nodes: [{ id: 1 }] },
        proofs: { search: "window" },
      },
      ...{ origin: "the test", environment: {} },
    });
    const parts = { config, alarms: recordedAlarms().alarms, clock: new ChainClock(Date.now), now: Date.now };
    const searches = new Searches({ ...parts, log: pino({ level: "silent" }) }, new Answers(database));
    const begun = Promise.withResolvers<AbortSignal>();
    const prover: Pick<Prover, "solve"> = {
      solve: async ({ signal }: SolveOptions) =>
        new Promise((_, reject) => {
          signal!.addEventListener("abort", () => {
            reject(new ProofSearchError("ABORTED", "the search was ended"));
          });
          begun.resolve(signal!);
        }),
    };
    const here = round([node(1n)]);
    const times = { gatherUntil: 2n ** 40n, searchBy: 2n ** 40n };
    const searching = searches.search(here, here.nodes[0]!, { prover, isShared }, times);
    const signal = await begun.promise;
    act(searches, claimOf(here, here.nodes[0]!));
    const { aborted } = signal;
    searches.keepTo([]);
    await searching;
    database.close();
    return aborted;
  }

  async function gaveWay(isShared: boolean, claims: (own: Claim) => readonly Claim[]): Promise<boolean> {
    return isEnded(isShared, (searches, own) => {
      searches.giveWayTo(claims(own));
    });
  }

  it("ends where nobody speaks of it any more, though some do of another for the same node", async () => {
    const kept = async (claims: (own: Claim) => readonly Claim[]): Promise<boolean> =>
      !(await isEnded(true, (searches, own) => {
        searches.keepTo(claims(own));
      }));
    expect(await kept((own) => [claim(1, "another"), own])).to.equal(true);
    expect(await kept(() => [claim(1, "another")])).to.equal(false);
  });

  it("ends where it is under way, and so does one beyond an answer of which as many speak", async () => {
    const beside =
      (sayers: number, nodeId = 1n) =>
      (own: Claim) => [{ ...own, sayers: 2 }, claim(sayers, "another", nodeId)];
    for (const isShared of [false, true]) {
      expect(await gaveWay(isShared, beside(3))).to.equal(true);
      expect(await gaveWay(isShared, beside(1)), "fewer").to.equal(false);
      expect(await gaveWay(isShared, beside(3, 2n)), "of another node").to.equal(false);
      expect(await gaveWay(isShared, () => [claim(3, "another")]), "it is in no challenge now").to.equal(false);
      expect(await gaveWay(isShared, beside(2)), "as many").to.equal(!isShared);
    }
  });
});
