import { expect } from "chai";

import { AnyOrderStage, FEES } from "../../../fixtures/chain/sending/anyOrderStage.ts";
import { LIES, type Lie } from "../../../fixtures/chain/sending/lyingEndpoint.ts";

/** What the chain needs of a transaction, as an endpoint says that does not lie; of the base fee and the tip, too. */
const [GAS, BASE, TIP] = [50_000n, 1_000n, 100n];

/** Lets the sender look so often, with a block after each so many looks. */
async function pass(stage: AnyOrderStage, looks: number, each = 3): Promise<void> {
  for (let i = 1; i <= looks; i += 1) {
    await stage.step();
    if (i % each === 0) stage.chain.mine();
  }
}

function expectNoneTwice(stage: AnyOrderStage): void {
  for (const [key, count] of stage.effects()) expect(count, key).to.equal(1);
  for (const key of stage.asked.keys()) {
    const told = stage.store.find(key)?.outcome;
    if (told !== undefined) expect([key, told.slice(0, 16), stage.effects().get(key)]).to.deep.equal([key, MINED, 1]);
  }
  for (const { maxFeePerGas, gasPrice } of stage.chain.sent) {
    expect((maxFeePerGas ?? gasPrice!) <= FEES.maxFeePerGas).to.equal(true);
  }
}

const MINED = '{"kind":"mined",';

describe("an endpoint of the sender that answers alone for once, and tells of a time to come,", () => {
  let stage: AnyOrderStage;
  beforeEach(() => {
    stage = new AnyOrderStage("all is well");
  });
  afterEach(() => {
    stage.close();
  });

  /** Has the sender look once while only the one that lies answers. */
  async function lookAlone(): Promise<void> {
    await stage.perform({ do: "lie", lie: "a late time" });
    const turn = async (isSilent: boolean): Promise<void> => {
      await stage.perform({ do: "fall silent" });
      stage.silenceOwn(isSilent);
    };
    await turn(true);
    await stage.step();
    await turn(false);
    await stage.perform({ do: "lie", lie: "all is well" });
  }

  it("has nothing that is urgent give way to what has time", async () => {
    await stage.ask(true, 60);
    await stage.step();
    await stage.ask(false, undefined);
    await lookAlone();
    expect(stage.chain.sent.map(({ data }) => data)).to.deep.equal(["0x00000000"]);
    await stage.calm();
    expect([...stage.effects().values()]).to.deep.equal([1, 1]);
  });

  it("has nothing given up that waits for its turn", async () => {
    await stage.ask(true, 60);
    await lookAlone();
    expect(stage.store.find("k0")?.outcome).to.equal(undefined);
    await stage.calm();
    expect([...stage.effects().values()]).to.deep.equal([1]);
  });

  it("has what is behind the first sent again where its pool has lost it", async () => {
    for (let asked = 0; asked < 2; asked += 1) {
      await stage.ask(true, 60);
      await stage.step();
    }
    const of = (data: string): number => stage.chain.sent.filter((each) => each.data === data).length;
    expect([of("0x00000000"), of("0x00000001")]).to.deep.equal([1, 1]);
    for (let looks = 0; looks < 10; looks += 1) {
      stage.chain.forget();
      await lookAlone();
    }
    expect(of("0x00000001")).to.be.greaterThan(1);
  });

  for (const when of ["later", "when the process has just begun"]) {
    it(`has nothing forgotten that must not be sent again, ${when}`, async () => {
      await stage.ask(true, 60);
      await stage.calm();
      if (when !== "later") {
        await stage.perform({ do: "crash", after: 0 });
        await stage.step();
      }
      await lookAlone();
      expect(stage.store.find("k0")?.outcome?.slice(0, 16)).to.equal(MINED);
    });
  }
});

describe("an endpoint of the sender that lies for good", () => {
  let stage: AnyOrderStage;
  afterEach(() => {
    stage.close();
  });

  for (const lie of LIES) {
    it(`about "${lie}" keeps nothing from its end beside two that do not`, async () => {
      stage = new AnyOrderStage(lie);
      await stage.ask(false, undefined);
      await pass(stage, 20, 30);
      expectNoneTwice(stage);
      await stage.ask(true, undefined);
      await stage.ask(false, 5_000);
      await pass(stage, 90);
      expectNoneTwice(stage);
      expect(stage.halted).to.equal(undefined);
      expect([...stage.effects().values()]).to.deep.equal([1, 1, 1]);
      expect([...stage.asked.keys()].filter((key) => stage.store.find(key)?.outcome === undefined)).to.deep.equal([]);
      const { gasLimit, maxFeePerGas, maxPriorityFeePerGas } = stage.chain.sent[0]!;
      expect([gasLimit, maxFeePerGas, maxPriorityFeePerGas]).to.deep.equal([(GAS * 6n) / 5n, 2n * BASE + TIP, TIP]);
    });

    it(`about "${lie}" brings nothing about twice beside one that does not, and no false success`, async () => {
      stage = new AnyOrderStage(lie, true);
      await stage.ask(false, undefined);
      await pass(stage, 40, 50);
      expectNoneTwice(stage);
      await stage.ask(false, undefined);
      await pass(stage, 150);
      expectNoneTwice(stage);
      expect(stage.halted).to.equal(undefined);
      expect([...stage.effects().values()], "all is in effect, though not all is told").to.deep.equal([1, 1]);
      await stage.perform({ do: "lie", lie: "all is well" });
      await stage.calm();
      expect([...stage.asked.keys()].map((key) => stage.store.find(key)?.outcome?.slice(0, 16))).to.deep.equal([
        MINED,
        MINED,
      ]);
      expect([...stage.effects().values()]).to.deep.equal([1, 1]);
    });

    it(`about "${lie}" ends and halts nothing while the other one is silent`, async () => {
      stage = new AnyOrderStage(lie, true);
      await stage.ask(false, 5_000);
      await pass(stage, 20, 30);
      stage.silenceOwn(true);
      await pass(stage, 60, 100);
      expect(stage.halted).to.equal(undefined);
      expect(stage.store.find("k0")).to.not.equal(undefined);
      expect(stage.store.find("k0")?.outcome).to.equal(undefined);
      stage.silenceOwn(false);
      await stage.perform({ do: "lie", lie: "all is well" } satisfies { do: "lie"; lie: Lie });
      await stage.calm();
      expect(stage.effects().get("k0")).to.equal(1);
    });
  }
});
