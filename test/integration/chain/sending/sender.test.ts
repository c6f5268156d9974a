import { setTimeout as pause } from "node:timers/promises";
import { readFileSync, rmSync, statSync } from "node:fs";

import { expect } from "chai";
import { FeeData, parseEther, parseUnits, toQuantity, Transaction } from "ethers";
import { network } from "hardhat";

import { KeyInUseError, RefusedError, SenderClosedError } from "../../../../src/chain/sending/errors.ts";
import { SenderStage, until } from "../../../fixtures/chain/sending/senderStage.ts";

const RECEIVER = "0x00000000000000000000000000000000000000AA";
/** Reverts at once; runs until its gas is used up. */
const [REFUSING, ENDLESS] = ["0x60006000fd", "0x5b600056"];

const failing = async (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => error as Error,
  );

describe("the sender of an account", () => {
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

  it("brings an intention to its end, and tells the same of its key for good", async () => {
    const before = await stage.balance();
    const first = await stage.sender.send(stage.paying("a"));
    const again = await stage.sender.send(stage.paying("a"));
    expect([first.kind, again.kind, (await stage.balance()) - before, await stage.nonce()]).to.deep.equal([
      "mined",
      "mined",
      7n,
      1,
    ]);
    if (first.kind === "abandoned" || again.kind === "abandoned") return expect.fail("abandoned");
    expect(again.receipt.toJSON()).to.deep.equal(first.receipt.toJSON());
  });

  it("sends once what is asked for many times at once", async () => {
    const before = await stage.balance();
    await Promise.all(Array.from({ length: 8 }, async (_, i) => stage.sender.send(stage.paying(`k${String(i % 2)}`))));
    expect((await stage.balance()) - before).to.equal(14n);
  });

  it("refuses what the chain refuses, before anything is signed", async () => {
    const to = await stage.deploy(REFUSING);
    const error = await failing(stage.sender.send(stage.paying("a", { transaction: { to, data: "0x", value: 0n } })));
    expect(error).to.be.instanceOf(RefusedError);
    expect([await stage.nonce(), stage.signed().length]).to.deep.equal([0, 0]);
    expect((await stage.sender.send(stage.paying("a"))).kind, "the key is free").to.equal("mined");
  });

  for (const [program, cause] of [
    [REFUSING, "refused"],
    [ENDLESS, "out-of-gas"],
  ] as const) {
    it(`tells what was mined without effect: ${cause}`, async () => {
      const to = await stage.deploy(program);
      // The endpoint says of the call what is not so, and the transaction is paid for.
      stage.providers = [stage.answering({ estimateGas: async () => Promise.resolve(50_000n) })];
      await stage.restart();
      const outcome = await stage.sender.send(stage.paying("a", { transaction: { to, data: "0x", value: 0n } }));
      expect(outcome).to.include({ kind: "reverted", cause });
      const again = await stage.sender.send(stage.paying("a"));
      expect(again.kind, "what had no effect can be tried again").to.equal("mined");
    });
  }

  it("pays an eighth more for what is not mined, under the same nonce, and never above its caps", async () => {
    await stage.rpc("evm_setAutomine", false);
    const fees = { maxFeePerGas: parseUnits("4", "gwei"), maxPriorityFeePerGas: parseUnits("2", "gwei") };
    const [price, tip] = [parseUnits("2", "gwei"), parseUnits("0.5", "gwei")];
    stage.providers = [stage.answering({ getFeeData: async () => Promise.resolve(new FeeData(price, price, tip)) })];
    await stage.restart({ patience: 10, fees });
    const sent = stage.sender.send(stage.paying("a"));
    await stage.signedAtLeast(1);
    await until(async () => {
      await stage.rpc("hardhat_setNextBlockBaseFeePerGas", toQuantity(fees.maxFeePerGas * 2n));
      await stage.mine();
      return stage.alarms.standing().some(({ code }) => code === "fee-cap-reached");
    });
    await stage.rpc("hardhat_setNextBlockBaseFeePerGas", toQuantity(parseUnits("1", "gwei")));
    const all = stage.signed().map(({ raw }) => Transaction.from(String(raw)));
    expect(all.length).to.be.greaterThan(1);
    for (const [i, each] of all.entries()) {
      expect(each.nonce).to.equal(0);
      expect(
        each.maxFeePerGas! <= fees.maxFeePerGas && each.maxPriorityFeePerGas! <= fees.maxPriorityFeePerGas,
      ).to.equal(true);
      const before = all[i - 1];
      if (before === undefined) continue;
      expect(each.maxFeePerGas! * 8n >= before.maxFeePerGas! * 9n).to.equal(true);
      expect(each.maxPriorityFeePerGas! * 8n >= before.maxPriorityFeePerGas! * 9n).to.equal(true);
    }
    const before = await stage.balance();
    await stage.mine();
    expect((await sent).kind).to.equal("mined");
    expect((await stage.balance()) - before).to.equal(7n);
  });

  it("has written down what it wants before it asks about it, and what it signed before an endpoint hears of it", async () => {
    const [asked, heard]: [boolean[], boolean[]] = [[], []];
    let isHeld = true;
    const listening = {
      estimateGas: async (call: object) => {
        asked.push(stage.kept().includes("a"));
        return stage.provider.estimateGas(call);
      },
      broadcastTransaction: async (raw: string) => {
        const { hash } = Transaction.from(raw);
        heard.push(stage.signed().some((each) => each["hash"] === hash));
        // What is not mined is replaced by what pays more.
        return isHeld ? Promise.reject(new Error("it is lost")) : stage.provider.broadcastTransaction(raw);
      },
    };
    stage.providers = [stage.answering(listening)];
    await stage.restart({ patience: 10 });
    const sending = stage.sender.send(stage.paying("a"));
    let isOver = false;
    void sending.finally(() => (isOver = true));
    await until(async () => {
      await stage.mine();
      isHeld = stage.signed().length < 2;
      return isOver;
    });
    expect(heard.length).to.be.greaterThan(1);
    expect([...new Set([...asked, ...heard])]).to.deep.equal([true]);
  });

  it("gives the nonce of what is not urgent to what is, and sends that again once it cannot be mined", async () => {
    await stage.rpc("evm_setAutomine", false);
    const before = await stage.balance();
    const ordinary = stage.sender.send(stage.paying("ordinary"));
    await stage.signedAtLeast(1);
    const urgent = stage.sender.send(stage.paying("urgent", { isUrgent: true }));
    await stage.signedAtLeast(2);
    expect(stage.signed().map(({ key, nonce }) => [key, nonce])).to.deep.equal([
      ["ordinary", 0],
      ["urgent", 0],
    ]);
    await stage.mine();
    expect((await urgent).kind).to.equal("mined");
    expect((await stage.balance()) - before).to.equal(7n);
    await stage.signedAtLeast(3);
    await stage.mine();
    expect((await ordinary).kind).to.equal("mined");
    expect([(await stage.balance()) - before, await stage.nonce()]).to.deep.equal([14n, 2]);
  });

  it("waits with what was displaced until the other is mined for good", async () => {
    await stage.restart({ confirmations: 2 });
    await stage.rpc("evm_setAutomine", false);
    void stage.sender.send(stage.paying("ordinary")).catch(() => undefined);
    await stage.signedAtLeast(1);
    const urgent = stage.sender.send(stage.paying("urgent", { isUrgent: true }));
    await stage.signedAtLeast(2);
    await stage.mine();
    await stage.mine();
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(stage.signed()).to.have.length(2);
    await stage.mine();
    await urgent;
    await stage.signedAtLeast(3);
    expect(stage.signed().at(-1)).to.include({ key: "ordinary", nonce: 1 });
  });

  it("does not wait for confirmations before it sends the next", async () => {
    await stage.restart({ confirmations: 3 });
    const first = stage.sender.send(stage.paying("a"));
    const second = stage.sender.send(stage.paying("b"));
    await until(async () => (await stage.nonce()) === 2);
    for (let i = 0; i < 3; i += 1) await stage.mine();
    expect([(await first).kind, (await second).kind]).to.deep.equal(["mined", "mined"]);
  });

  it("pays nothing more past a deadline, and frees the nonce when another needs it", async () => {
    await stage.restart({ patience: 20 });
    await stage.rpc("evm_setAutomine", false);
    const before = await stage.balance();
    const late = failing(stage.sender.send(stage.paying("late", { deadline: (await stage.timeOfChain()) + 1_000 })));
    await stage.signedAtLeast(1);
    await stage.sender.close();
    for (const { hash } of stage.signed()) await stage.rpc("hardhat_dropTransaction", hash).catch(() => undefined);
    await stage.rpc("evm_increaseTime", 2_000);
    await stage.mine();
    expect(await late).to.be.instanceOf(SenderClosedError);
    stage.sender = stage.open({ patience: 20 });
    const count = stage.signed().length;
    const again = stage.sender.send(stage.paying("late"));
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(stage.signed(), "nothing more is paid").to.have.length(count);
    const next = stage.sender.send(stage.paying("next"));
    await until(() => stage.signed().some(({ key }) => key === null));
    await stage.rpc("evm_setAutomine", true);
    await stage.mine();
    expect((await next).kind).to.equal("mined");
    expect((await again).kind).to.equal("abandoned");
    expect([(await stage.balance()) - before, await stage.nonce()]).to.deep.equal([7n, 2]);
  });

  it("does not begin what is late", async () => {
    const outcome = await stage.sender.send(stage.paying("late", { deadline: await stage.timeOfChain() }));
    expect(outcome.kind).to.equal("abandoned");
    expect(stage.signed()).to.have.length(0);
  });

  it("sends again what the pool has forgotten", async () => {
    await stage.rpc("evm_setAutomine", false);
    const sent = failing(stage.sender.send(stage.paying("a")));
    await stage.signedAtLeast(1);
    await stage.sender.close();
    await stage.rpc("hardhat_dropTransaction", stage.signed()[0]!["hash"]);
    expect(await sent).to.be.instanceOf(SenderClosedError);
    await stage.rpc("evm_setAutomine", true);
    stage.sender = stage.open();
    await stage.sender.recover();
    expect((await stage.sender.send(stage.paying("a"))).kind).to.equal("mined");
    expect([stage.signed().length, await stage.nonce()]).to.deep.equal([1, 1]);
  });

  it("brings back what a reorganisation took out", async () => {
    await stage.restart({ confirmations: 2 });
    const before = await stage.balance();
    const snapshot = await stage.rpc("evm_snapshot");
    const sent = stage.sender.send(stage.paying("a"));
    await until(async () => (await stage.nonce()) === 1);
    // Many looks, of which one at least has found it in its block.
    await pause(500);
    const since = performance.now();
    await stage.rpc("evm_revert", snapshot);
    expect(await stage.nonce()).to.equal(0);
    await until(async () => (await stage.nonce()) === 1);
    // The pool has forgotten it, too: what only waits there is sent again after ten seconds.
    expect(performance.now() - since).to.be.lessThan(9_000);
    await stage.mine();
    await stage.mine();
    expect(await sent).to.have.property("kind", "mined");
    expect([(await stage.balance()) - before, stage.signed().length]).to.deep.equal([7n, 1]);
  });

  it("stops when another program uses its key, says so, and goes on once a person says so", async () => {
    await stage.rpc("evm_setAutomine", false);
    const sent = failing(stage.sender.send(stage.paying("a")));
    await stage.signedAtLeast(1);
    await stage.rpc("hardhat_dropTransaction", stage.signed()[0]!["hash"]);
    await stage.wallet.connect(stage.provider).sendTransaction({ to: stage.wallet.address, nonce: 0 });
    await stage.mine();
    expect(await sent).to.be.instanceOf(KeyInUseError);
    const isTold = (): boolean => stage.alarms.standing().some(({ code }) => code === "key-in-use");
    expect(isTold()).to.equal(true);
    expect(await failing(stage.sender.send(stage.paying("b")))).to.be.instanceOf(KeyInUseError);
    stage.alarms.clear("key-in-use", stage.wallet.address);
    await stage.restart();
    expect(isTold(), "also after a restart").to.equal(true);
    expect(await failing(stage.sender.send(stage.paying("b")))).to.be.instanceOf(KeyInUseError);
    const file = stage.haltFile();
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(readFileSync(file, "utf8")).to.include(stage.wallet.address).and.include("Nonce 0");
    const before = await stage.balance();
    await stage.rpc("evm_setAutomine", true);
    await stage.sender.recover();
    rmSync(file);
    expect((await stage.sender.send(stage.paying("a"))).kind).to.equal("mined");
    expect([isTold(), (await stage.balance()) - before]).to.deep.equal([false, 7n]);
  });

  it("is the only one of its account on the machine", () => {
    expect(() => stage.open()).to.throw("is in use on chain 31337 by another program, process");
  });

  it("takes nothing more when it is closed, and tells those who wait", async () => {
    await stage.rpc("evm_setAutomine", false);
    const sent = failing(stage.sender.send(stage.paying("a")));
    await stage.signedAtLeast(1);
    await stage.sender.close();
    expect(await sent).to.be.instanceOf(SenderClosedError);
    expect(await failing(stage.sender.send(stage.paying("b")))).to.be.instanceOf(SenderClosedError);
  });

  it("waits for coin, and says how much is short", async () => {
    const sent = stage.sender.send(
      stage.paying("much", { transaction: { to: RECEIVER, data: "0x", value: parseEther("2") } }),
    );
    await until(() => stage.alarms.standing().some(({ code }) => code === "coin-short"));
    const small = await stage.sender.send(stage.paying("small"));
    expect(small.kind, "what can be paid is not held up").to.equal("mined");
    await stage.give("3");
    expect((await sent).kind).to.equal("mined");
  });
});
