import { expect } from "chai";

import { AnyOrderStage, FEES } from "../../../fixtures/chain/sending/anyOrderStage.ts";
import { capsOf } from "../../../../src/chain/sending/fees.ts";

/** A base fee that what is sent at first does not pay, and what is raised does before it is at its cap. */
const DEAR = 30_000n;

describe("the sender of an account, while the chain stands still,", () => {
  let stage: AnyOrderStage;

  beforeEach(() => {
    stage = new AnyOrderStage();
  });
  afterEach(() => {
    stage.close();
  });

  /** Looks so often, a second after each other. */
  async function look(times: number): Promise<void> {
    for (let i = 0; i < times; i += 1) await stage.step();
  }
  const prices = (): bigint[] => stage.chain.sent.map(({ maxFeePerGas }) => maxFeePerGas!);

  it("pays nothing more, and says of nothing that it is stuck or at its cap", async () => {
    await stage.ask(false, undefined);
    await look(300);
    expect([stage.chain.sent.length, stage.alarms.heard]).to.deep.equal([1, []]);
    stage.chain.mine();
    await look(1);
    expect(stage.effects().get("k0")).to.equal(1);
  });

  it("pays nothing more for what is urgent and has a deadline, however long it stands", async () => {
    for (let i = 0; i < 3; i += 1) await stage.ask(true, 60);
    await look(300);
    expect(stage.chain.sent.map(({ nonce }) => nonce)).to.deep.equal([0, 1, 2]);
  });

  it("pays an eighth more for each block that came without it, after its patience", async () => {
    await stage.ask(false, undefined);
    await look(2);
    stage.chain.baseFee = DEAR;
    for (const blocks of [1, 2, 3]) {
      stage.chain.mine();
      // As it looks when the sender asks what gas costs, an eighth more is enough.
      stage.chain.baseFee = 1_000n;
      await look(50);
      expect(prices(), `after ${String(blocks)} blocks`).to.have.length(blocks + 1);
      stage.chain.baseFee = DEAR;
    }
    for (const [i, price] of prices().slice(1).entries()) expect(price).to.equal((prices()[i]! * 9n + 7n) / 8n);
  });

  it("tells that a transaction is stuck once blocks come without it for long, until one has it", async () => {
    await stage.ask(false, undefined);
    await look(300);
    stage.chain.baseFee = FEES.maxFeePerGas * 2n;
    const isTold = (): boolean => stage.alarms.standing().some(({ code }) => code === "transaction-stuck");
    expect(isTold()).to.equal(false);
    stage.chain.mine();
    await look(50);
    expect(isTold()).to.equal(true);
    stage.chain.baseFee = 1_000n;
    stage.chain.mine();
    await look(2);
    expect(isTold()).to.equal(false);
  });

  it("takes no endpoint that falls behind and catches up for one that has a new block", async () => {
    stage.chain.mine();
    await stage.ask(false, undefined);
    await look(1);
    for (let i = 0; i < 60; i += 1) {
      await stage.perform({ do: "lag" });
      await look(2);
    }
    expect(stage.chain.sent).to.have.length(1);
  });

  it("pays nothing more by the word of one of three that has new blocks alone", async () => {
    stage.close();
    stage = new AnyOrderStage("blocks without end");
    await stage.ask(true, 5_000);
    await look(100);
    expect(stage.chain.sent).to.have.length(1);
  });

  it("frees no nonce of what is late before a block came without it", async () => {
    await stage.ask(false, 20);
    await look(2);
    stage.chain.baseFee = DEAR;
    for (let i = 0; i < 3; i += 1) stage.chain.mine();
    // The next process does not know what came before it.
    await stage.perform({ do: "crash", after: 0 });
    await look(300);
    expect(stage.chain.sent).to.have.length(1);
    stage.chain.mine();
    await look(1);
    expect(stage.chain.sent.map(({ nonce, data }) => [nonce, data])).to.deep.equal([
      [0, "0x00000000"],
      [0, "0x"],
    ]);
  });

  it("still has what frees a nonce pay more than what is urgent and at its cap", async () => {
    stage.chain.baseFee = 10n * FEES.maxFeePerGas;
    await stage.ask(true, 100);
    for (let i = 0; i < 14; i += 1) {
      await look(12);
      stage.chain.mine();
    }
    const [before, freeing] = stage.chain.sent.slice(-2);
    expect([before?.data, freeing?.data]).to.deep.equal(["0x00000000", "0x"]);
    expect(before!.maxFeePerGas! <= capsOf(FEES, "urgent").maxFeePerGas).to.equal(true);
    expect(freeing!.maxFeePerGas! > before!.maxFeePerGas! && freeing!.maxFeePerGas! <= FEES.maxFeePerGas).to.equal(
      true,
    );
    stage.chain.baseFee = FEES.maxFeePerGas / 2n;
    await stage.calm();
    expect([stage.store.open(), stage.effects().size]).to.deep.equal([[], 0]);
  });

  it("reaches the caps before a deadline that few blocks are left to", async () => {
    await stage.ask(true, 60);
    await look(2);
    stage.chain.baseFee = DEAR;
    const { length } = prices();
    for (let i = 0; i < 4; i += 1) {
      stage.chain.baseFee = DEAR;
      stage.chain.mine();
      stage.chain.baseFee = 1_000n;
      await look(12);
    }
    const all = prices().slice(length);
    expect(all.at(-1)! <= capsOf(FEES, "urgent").maxFeePerGas && all.at(-1)! >= DEAR).to.equal(true);
    expect(all.length, "once a block").to.be.at.most(4);
    stage.chain.baseFee = DEAR;
    stage.chain.mine();
    await look(1);
    expect(stage.effects().get("k0")).to.equal(1);
  });
});
