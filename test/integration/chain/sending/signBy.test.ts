import { expect } from "chai";
import { network } from "hardhat";

import { SenderClosedError } from "../../../../src/chain/sending/errors.ts";
import type { Outcome } from "../../../../src/chain/sending/sender.ts";
import { SenderStage, until } from "../../../fixtures/chain/sending/senderStage.ts";

/** What the machine's clock says at first, in Unix milliseconds, and until when something may be signed. */
const [NOW, SIGN_BY] = [1_900_000_000_000, 1_900_000_001_000];

/** A base fee that what is signed at first does not pay, in wei. */
const DEAR = "0x4a817c800";

const kindOf = (outcome: Outcome): unknown =>
  outcome.kind === "abandoned" && outcome.isOverdue === true ? "overdue" : outcome.kind;

describe("what the sender of an account may sign only until a time", () => {
  let connection: Awaited<ReturnType<typeof network.create>>;
  let stage: SenderStage;

  before(async () => {
    connection = await network.create();
  });
  after(async () => connection.close());
  beforeEach(async () => {
    stage = new SenderStage(connection);
    stage.clock = NOW;
    await stage.begin();
  });
  afterEach(async () => stage.end());

  const sent = async (signBy: number | undefined = SIGN_BY): Promise<unknown> =>
    kindOf(await stage.sender.send(stage.paying("a", { signBy })));
  /** Expects that nothing was signed and sent, and that it can be asked for anew. */
  async function expectNothingDone(): Promise<void> {
    expect([stage.signed(), await stage.nonce()]).to.deep.equal([[], 0]);
    expect(await sent(stage.clock! + 1_000)).to.equal("mined");
    expect(await stage.nonce()).to.equal(1);
  }

  it("is sent as ever where that is in time", async () => {
    expect(await sent()).to.equal("mined");
  });

  it("is not signed where its time is over before it is begun", async () => {
    stage.clock = SIGN_BY;
    expect(await sent()).to.equal("overdue");
    await expectNothingDone();
  });

  it("is not signed where its time is over before the endpoints have said what it costs", async () => {
    const estimateGas = async (transaction: object): Promise<bigint> => {
      stage.clock = Math.max(stage.clock!, SIGN_BY);
      return stage.provider.estimateGas(transaction);
    };
    stage.providers = [stage.answering({ estimateGas })];
    await stage.restart();
    expect(await sent()).to.equal("overdue");
    await expectNothingDone();
  });

  it("is not sent where its time is over before the signer has signed it", async () => {
    stage.signer = {
      address: stage.wallet.address,
      signTransaction: async (transaction) => {
        stage.clock = Math.max(stage.clock!, SIGN_BY);
        return stage.wallet.signTransaction(transaction);
      },
    } as typeof stage.signer;
    await stage.restart();
    expect(await sent()).to.equal("overdue");
    await expectNothingDone();
  });

  it("goes on, and pays more, after its time where it was signed in time", async () => {
    await stage.rpc("evm_setAutomine", false);
    await stage.restart({ patience: 10 });
    let outcome: unknown;
    void sent().then((kind) => (outcome = kind));
    await stage.signedAtLeast(1);
    stage.clock = SIGN_BY + 1_000;
    await until(async () => {
      if (stage.signed().length === 1) await stage.rpc("hardhat_setNextBlockBaseFeePerGas", DEAR);
      await stage.mine();
      return outcome !== undefined;
    });
    expect([outcome, stage.signed().length > 1]).to.deep.equal(["mined", true]);
  });

  it("is not signed after a restart, and can be asked for anew then", async () => {
    const silent = async (): Promise<bigint> => Promise.reject(Object.assign(new Error("?"), { code: "TIMEOUT" }));
    let asked = 0;
    const estimateGas = async (): Promise<bigint> => {
      asked += 1;
      return silent();
    };
    stage.providers = [stage.answering({ estimateGas })];
    await stage.restart();
    const first = stage.sender.send(stage.paying("a", { signBy: SIGN_BY })).catch((error: unknown) => error);
    await until(() => asked > 0);
    stage.providers = [stage.provider];
    stage.clock = SIGN_BY;
    await stage.restart();
    expect(await first).to.be.instanceOf(SenderClosedError);
    await stage.sender.recover();
    expect(await sent(SIGN_BY + 9_000), "which is what was asked for before").to.equal("overdue");
    await expectNothingDone();
  });
});
