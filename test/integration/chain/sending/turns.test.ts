import { expect } from "chai";
import { network } from "hardhat";

import { KeyInUseError } from "../../../../src/chain/sending/errors.ts";
import type { Outcome } from "../../../../src/chain/sending/sender.ts";
import { SenderStage, until } from "../../../fixtures/chain/sending/senderStage.ts";

const failing = async (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => error as Error,
  );

describe("what a sender has in turn", () => {
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

  it("sends nothing from an older copy of its database, until a person says so, and once only", async () => {
    await stage.sender.send(stage.paying("before"));
    await stage.rpc("evm_setAutomine", false);
    const waiting = failing(stage.sender.send(stage.paying("a", { deadline: 10 ** 12 })));
    await stage.signedAtLeast(2);
    await stage.sender.close();
    await waiting;
    // The copy has the intention, and not what was signed for it.
    stage.forgetNewest();
    await stage.mine();
    await stage.rpc("evm_setAutomine", true);
    const before = await stage.balance();
    stage.sender = stage.open();
    await stage.sender.recover();
    const error = await failing(stage.sender.send(stage.paying("b")));
    expect(error).to.be.instanceOf(KeyInUseError).and.property("message").includes("older copy").includes("pay for a");
    await stage.restart();
    expect(await failing(stage.sender.send(stage.paying("b")))).to.be.instanceOf(KeyInUseError);
    expect((await stage.balance()) - before).to.equal(0n);
    stage.unhalt();
    await stage.restart();
    expect((await stage.sender.send(stage.paying("b"))).kind).to.equal("mined");
  });

  it("brings what is urgent into one block, however much of it there is", async () => {
    await stage.rpc("evm_setAutomine", false);
    const all = ["a", "b", "c"].map(async (key) => stage.sender.send(stage.paying(key, { isUrgent: true })));
    await stage.signedAtLeast(3);
    expect(stage.signed().map(({ nonce }) => nonce)).to.deep.equal([0, 1, 2]);
    const [from, before] = [await stage.provider.getBlockNumber(), await stage.balance()];
    await until(async () => (await stage.provider.getTransactionCount(stage.wallet.address, "pending")) === 3);
    await stage.mine();
    for (const outcome of await Promise.all(all)) {
      expect(outcome.kind === "mined" && outcome.receipt.blockNumber).to.equal(from + 1);
    }
    expect((await stage.balance()) - before).to.equal(21n);
  });

  it("lets what is due soon go before whatever is urgent and has hours left, however much of that there is", async () => {
    await stage.rpc("evm_setAutomine", false);
    const time = await stage.timeOfChain();
    const urgent = async (key: string, deadline: number) =>
      stage.sender.send(stage.paying(key, { isUrgent: true, deadline: time + deadline }));
    const others = Array.from({ length: 20 }, async (_, i) => urgent(`later ${String(i)}`, 86_400));
    await stage.signedAtLeast(8);
    const soon = urgent("soon", 1_000);
    await stage.signedAtLeast(9);
    const { nonce } = stage.signed().find(({ key }) => key === "soon") ?? {};
    expect(nonce).to.equal(0);
    await stage.rpc("evm_setAutomine", true);
    let outcomes: Outcome[] = [];
    void Promise.all([soon, ...others]).then((all) => (outcomes = all));
    await until(async () => {
      await stage.mine();
      return outcomes.length > 0;
    });
    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(Array.from({ length: 21 }, () => "mined"));
  });

  it("ends what is late though nothing else needs its nonce", async () => {
    await stage.restart({ patience: 10 });
    await stage.rpc("evm_setAutomine", false);
    const before = await stage.balance();
    const late = failing(stage.sender.send(stage.paying("late", { deadline: (await stage.timeOfChain()) + 1_000 })));
    await stage.signedAtLeast(1);
    await stage.sender.close();
    await late;
    for (const { hash } of stage.signed()) await stage.rpc("hardhat_dropTransaction", hash).catch(() => undefined);
    await stage.rpc("evm_increaseTime", 2_000);
    await stage.mine();
    stage.sender = stage.open({ patience: 10 });
    const again = stage.sender.send(stage.paying("late"));
    await until(async () => {
      await stage.mine();
      return stage.signed().some(({ key }) => key === null);
    });
    await stage.rpc("evm_setAutomine", true);
    await stage.mine();
    expect((await again).kind).to.equal("abandoned");
    expect((await stage.balance()) - before).to.equal(0n);
  });
});
