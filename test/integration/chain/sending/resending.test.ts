import { expect } from "chai";
import type { Provider } from "ethers";
import { network } from "hardhat";

import { SenderClosedError } from "../../../../src/chain/sending/errors.ts";
import { SenderStage, until } from "../../../fixtures/chain/sending/senderStage.ts";

describe("what a sender has sent and nobody has mined", () => {
  let connection: Awaited<ReturnType<typeof network.create>>;
  let stage: SenderStage;

  before(async () => {
    connection = await network.create();
  });
  after(async () => connection.close());
  beforeEach(async () => {
    stage = new SenderStage(connection);
    await stage.begin();
  });
  afterEach(async () => stage.end());

  for (const [what, left, seconds] of [
    ["every ten seconds where it has time", undefined, 10],
    ["a few times in what is left where it has a deadline", 16, 4],
    ["at most once a second, however near its deadline is", 2, 1],
  ] as const) {
    it(`is sent again ${what}`, async () => {
      let [heard, looks] = [0, 0];
      const listening = {
        broadcastTransaction: async () => Promise.reject(new Error(`lost ${String((heard += 1))}`)),
        getTransactionCount: async (...asked: Parameters<Provider["getTransactionCount"]>) => {
          looks += 1;
          return stage.provider.getTransactionCount(...asked);
        },
      };
      stage.providers = [stage.answering(listening)];
      const begin = (stage.clock = Date.now());
      let passed = 0;
      await stage.restart();
      const deadline = left && (await stage.timeOfChain()) + left;
      const sent = stage.sender.send(stage.paying("a", { deadline })).catch((error: unknown) => error);
      /** Has it look a few times, some seconds of its clock later; how often it was sent until then. */
      const heardAfter = async (later: number): Promise<number> => {
        stage.clock = begin + (passed += later * 1_000);
        const enough = looks + 6;
        await until(() => looks >= enough);
        return heard;
      };
      await until(() => heard > 0);
      const counts: number[] = [];
      for (const later of [0.75 * seconds, seconds, 0.75 * seconds, seconds]) counts.push(await heardAfter(later));
      expect(counts).to.deep.equal([1, 2, 2, 3]);
      await stage.sender.close();
      expect(await sent).to.be.instanceOf(SenderClosedError);
    });
  }
});
