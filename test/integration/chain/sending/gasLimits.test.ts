import { expect } from "chai";
import { Interface, Transaction } from "ethers";
import { network } from "hardhat";

import { orderEscrowAbi } from "../../../../src/abi/index.ts";
import { SenderStage } from "../../../fixtures/chain/sending/senderStage.ts";

/** An account without code: of what is sent there, only the transaction counts. */
const RECEIVER = "0x00000000000000000000000000000000000000AA";

describe("the gas that a service's transaction may take", () => {
  let connection: Awaited<ReturnType<typeof network.create>>;
  let stage: SenderStage;

  before(async () => {
    connection = await network.create();
    stage = new SenderStage(connection);
    await stage.begin();
  });
  after(async () => {
    await stage.end();
    await connection.close();
  });

  const limitOf = async (data: string): Promise<{ readonly limit: bigint; readonly estimate: bigint }> => {
    await stage.sender.send(stage.paying(data, { transaction: { to: RECEIVER, data, value: 0n } }));
    const estimate = await stage.provider.estimateGas({ to: RECEIVER, data, from: stage.wallet.address });
    return { limit: Transaction.from(stage.signed().at(-1)!["raw"] as string).gasLimit, estimate };
  };

  it("is a fifth more than its estimate", async () => {
    const { limit, estimate } = await limitOf("0x12345678");
    expect(limit).to.equal((estimate * 6n) / 5n);
  });

  it("is that of all which a settlement may find by the time that it is mined, for each order", async () => {
    const data = new Interface(orderEscrowAbi).encodeFunctionData("settleMany", [[1n, 2n], 0n]);
    const { limit, estimate } = await limitOf(data);
    expect(limit).to.equal((estimate * 130n) / 100n + 300_000n);
  });
});
