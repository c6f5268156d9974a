import { expect } from "chai";
import { network } from "hardhat";

import { RefusedError } from "../../../../src/chain/sending/errors.ts";
import { thrownOf, type NodeError } from "../../../fixtures/chain/answeringProvider.ts";
import { SenderStage, until } from "../../../fixtures/chain/sending/senderStage.ts";

describe("the sender of an account, where an endpoint answers with an error,", () => {
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

  const failures: readonly NodeError[] = [
    { code: -32603, message: "Internal error" },
    { code: -32005, message: "limit exceeded" },
    { code: -32000, message: "header not found" },
    { code: -32000, message: "execution aborted (timeout = 5s)" },
  ];
  for (const failure of failures) {
    it(`takes "${failure.message}" for no refusal, and sends once the endpoint is well`, async () => {
      const thrown = await thrownOf(failure, "eth_estimateGas");
      let [asked, isWell] = [0, false];
      const estimateGas = async (transaction: object): Promise<bigint> => {
        asked += 1;
        return isWell ? stage.provider.estimateGas(transaction) : Promise.reject(thrown);
      };
      stage.providers = [stage.answering({ estimateGas })];
      await stage.restart();
      const sent = stage.sender.send(stage.paying("a"));
      await Promise.race([sent, until(() => asked > 1)]);
      expect(stage.signed()).to.deep.equal([]);
      isWell = true;
      expect((await sent).kind).to.equal("mined");
    });
  }

  it("takes for a refusal what the endpoint calls one, with a reason and without", async () => {
    for (const data of ["0x", "0x12345678"]) {
      const thrown = await thrownOf({ code: 3, message: "execution reverted", data }, "eth_estimateGas");
      stage.providers = [stage.answering({ estimateGas: async () => Promise.reject(thrown) })];
      await stage.restart();
      const error = await stage.sender.send(stage.paying("a")).catch((each: unknown) => each);
      expect(error).to.be.instanceOf(RefusedError);
    }
  });
});
