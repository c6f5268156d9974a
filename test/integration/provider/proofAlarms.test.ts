import { expect } from "chai";

import { ProvingPlatform } from "../../fixtures/provider/provingPlatform.ts";
import { quickProver } from "../../fixtures/provider/stage.ts";
import { ProofSearchError, type Prover } from "../../../src/pow/index.ts";
import { newestBlock } from "../../fixtures/provider/directChain.ts";

describe("the provider service's alarms about proofs", () => {
  let proving: ProvingPlatform;
  let platform: ProvingPlatform["platform"];
  let nodeId: bigint;
  let open: ProvingPlatform["open"];
  let isProven: ProvingPlatform["isProven"];
  before(async () => {
    proving = await ProvingPlatform.deploy();
    ({ platform, nodeId, open, isProven } = proving);
  });
  beforeEach(async () => proving.reset());
  after(async () => proving.close());

  it("says that the prover is too slow when it found too little in time, once", async () => {
    const slow: Prover = {
      ...{ engine: "slow", device: "test", threads: 1, refused: [], close: async () => Promise.resolve() },
      solve: async () => {
        const progress = { hashes: 100, seconds: 10, rate: 10, found: 3, count: 128 };
        return Promise.reject(new ProofSearchError("DEADLINE", "too late", { progress }));
      },
    };
    const stage = await open({ prover: slow });
    await platform.issue();
    for (let i = 0; i < 3; i++) await stage.step();
    expect(stage.told.map(({ code }) => code)).to.deep.equal(["prover-too-slow"]);
    expect(stage.sent).to.deep.equal([]);
    await stage.close();
  });

  it("says that an answer is late that was sent and is in no block, until it is", async () => {
    let ahead = 0;
    const held = Promise.withResolvers<undefined>();
    const stage = await open({ now: () => Date.now() + ahead }, (parts) => ({
      ...parts,
      sender: {
        ...parts.sender,
        send: async (intention) => {
          await held.promise;
          return parts.sender.send(intention);
        },
      },
    }));
    await platform.issue();
    const block = await newestBlock(stage.reader);
    stage.parts.clock.observe(block);
    stage.rounds.at(block);
    const late = [`answer-late node ${nodeId.toString()}`];
    const pass = async (seconds: number): Promise<void> => {
      for (const end = ahead + seconds * 1000; ahead < end; ahead += 5_000) {
        stage.rounds.byClock();
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
    };
    await pass(90);
    expect(stage.parts.database.all("SELECT sent_as FROM answers WHERE sent_as IS NOT NULL")).to.have.length(1);
    expect(stage.codes()).to.deep.equal([]);
    await pass(28);
    expect(stage.codes()).to.deep.equal(late);
    held.resolve(undefined);
    await stage.actions.settled();
    stage.rounds.at(await newestBlock(stage.reader));
    await stage.rounds.settled();
    expect(await isProven()).to.equal(true);
    expect(stage.codes()).to.deep.equal([]);
    await stage.close();
  });

  it("says that a prover is slower than what the node claims, until it is fast enough", async () => {
    let rate = 0.5;
    const real = await quickProver();
    const prover: Prover = {
      ...{ engine: "slow", device: "test", threads: 1, refused: [], close: async () => real.close() },
      solve: async (options) => ({ ...(await real.solve(options)), rate }),
    };
    const stage = await open({ prover });
    const proven = async (): Promise<void> => {
      await platform.nextEpoch();
      await platform.connection.networkHelpers.mine();
      await platform.issue();
      for (let i = 0; i < 3; i++) await stage.step();
      expect(await isProven()).to.equal(true);
    };
    await proven();
    expect(stage.codes()).to.deep.equal([`prover-slow node ${nodeId.toString()}`]);
    rate = 10 ** 9;
    await proven();
    expect(stage.codes()).to.deep.equal([]);
    await stage.close();
    await real.close();
  });
});
