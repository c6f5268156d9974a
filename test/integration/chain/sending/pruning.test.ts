import { expect } from "chai";
import { network } from "hardhat";

import { AnyOrderStage } from "../../../fixtures/chain/sending/anyOrderStage.ts";
import { SenderStage, until } from "../../../fixtures/chain/sending/senderStage.ts";

const [DAY, DAYS_90] = [86_400, 90 * 86_400_000];

describe("what a sender remembers", () => {
  describe("on a chain", () => {
    let connection: Awaited<ReturnType<typeof network.create>>;
    let stage: SenderStage;

    beforeEach(async () => {
      connection = await network.create();
      stage = new SenderStage(connection);
      await stage.begin();
      await stage.restart({ memory: DAYS_90 });
    });
    afterEach(async () => {
      await stage.end();
      await connection.close();
    });

    async function pass(days: number): Promise<void> {
      await stage.rpc("evm_increaseTime", days * DAY);
      await stage.mine();
    }
    const keys = (): unknown[] => stage.signed().map(({ key }) => key);

    it("is forgotten after its time, but what is under way and the newest nonce", async () => {
      await stage.sender.send(stage.paying("old"));
      await pass(50);
      await stage.sender.send(stage.paying("newer"));
      await pass(50);
      await stage.sender.send(stage.paying("newest"));
      expect([keys(), stage.kept()]).to.deep.equal([
        ["newer", "newest"],
        ["newer", "newest"],
      ]);
      await stage.rpc("evm_setAutomine", false);
      const slow = stage.sender.send(stage.paying("slow"));
      await stage.signedAtLeast(3);
      for (const { hash } of stage.signed()) await stage.rpc("hardhat_dropTransaction", hash).catch(() => undefined);
      await pass(200);
      await until(() => keys().length === 1);
      expect([keys(), stage.kept()]).to.deep.equal([["slow"], ["slow"]]);
      await stage.sender.close();
      await slow.catch(() => undefined);
      await stage.rpc("evm_setAutomine", true);
      stage.sender = stage.open({ memory: DAYS_90 });
      expect((await stage.sender.send(stage.paying("slow"))).kind).to.equal("mined");
      await pass(200);
      await stage.sender.send(stage.paying("last"));
      expect(
        stage.signed().map(({ nonce }) => nonce),
        "it goes on after the newest nonce",
      ).to.deep.equal([4]);
    });
  });

  it("is not forgotten because the machine's clock jumps", async () => {
    const stage = new AnyOrderStage();
    try {
      await stage.ask(false, undefined);
      await stage.calm();
      await stage.perform({ do: "jump", hours: 10 ** 9 });
      await stage.ask(false, undefined);
      await stage.calm();
      expect(["k0", "k1"].map((key) => stage.store.find(key)?.outcome?.slice(0, 15))).to.deep.equal([
        '{"kind":"mined"',
        '{"kind":"mined"',
      ]);
    } finally {
      stage.close();
    }
  });

  it("is its newest nonce at least, whatever its age", () => {
    const stage = new AnyOrderStage();
    for (const nonce of [0, 1]) {
      stage.store.add({ hash: String(nonce), raw: "0x", nonce, key: undefined, signedAt: 0 });
      stage.store.close(nonce, String(nonce));
    }
    stage.store.prune(1_000);
    expect([stage.store.nonceOf("0"), stage.store.highestNonce()]).to.deep.equal([undefined, 1]);
    stage.close();
  });

  it("is sent again under its own nonce where the chain has lost it deeper than its confirmations", async () => {
    const stage = new AnyOrderStage();
    await stage.ask(false, undefined);
    await stage.calm();
    stage.chain.reorganise(50, true);
    stage.chain.forget();
    expect(stage.effects().size).to.equal(0);
    await stage.ask(false, undefined);
    for (let i = 0; i < 90; i += 1) {
      await stage.step();
      if (i % 3 === 0) stage.chain.mine();
    }
    expect([...stage.effects().values()]).to.deep.equal([1, 1]);
    expect(stage.halted).to.equal(undefined);
    stage.close();
  });
});
