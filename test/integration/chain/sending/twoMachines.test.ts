import { expect } from "chai";
import { Transaction, type Provider } from "ethers";
import { network } from "hardhat";

import { KeyInUseError } from "../../../../src/chain/sending/errors.ts";
import type { Outcome } from "../../../../src/chain/sending/sender.ts";
import { SenderStage, until } from "../../../fixtures/chain/sending/senderStage.ts";

/** How an intention ended; the error's class where it was not told. */
const endOf = async (work: Promise<Outcome>): Promise<string> =>
  work.then(
    ({ kind }) => kind,
    (error: unknown) => (error instanceof KeyInUseError ? "key in use" : String(error)),
  );

describe("two machines with one key", () => {
  let connection: Awaited<ReturnType<typeof network.create>>;
  let one: SenderStage;
  let other: SenderStage;

  before(async () => {
    connection = await network.create();
  });
  after(async () => connection.close());
  beforeEach(async () => {
    one = new SenderStage(connection);
    other = new SenderStage(connection, one.wallet);
    await one.begin();
    await other.begin();
  });
  afterEach(async () => {
    await one.end();
    await other.end();
  });

  const timesTold = ({ alarms }: SenderStage): number =>
    new Set(alarms.all.filter(({ code }) => code === "key-in-use").map(({ problem }) => problem)).size;

  /** An endpoint that does not take what a machine sends under a nonce. */
  const without = (stage: SenderStage, nonce: number): Provider =>
    stage.answering({
      broadcastTransaction: async (raw: string) => {
        const isTaken = Transaction.from(raw).nonce !== nonce;
        return isTaken ? stage.provider.broadcastTransaction(raw) : Promise.reject(new Error("not taken"));
      },
    });

  it("are not both let go on where both send the same at the same time; it is in effect once", async () => {
    await one.rpc("evm_setAutomine", false);
    // Signed otherwise, it is another transaction.
    other.providers = [other.answering({ estimateGas: async () => Promise.resolve(70_000n) })];
    await other.restart();
    const before = await one.balance();
    const ends = Promise.all([one, other].map(async (each) => endOf(each.sender.send(each.paying("same")))));
    await until(() => one.signed().length > 0 && other.signed().length > 0);
    await until(async () => (await one.provider.getTransactionCount(one.wallet.address, "pending")) === 1);
    await one.mine();
    expect([...(await ends)].sort()).to.deep.equal(["key in use", "mined"]);
    expect(timesTold(one) + timesTold(other)).to.equal(1);
    expect([(await one.balance()) - before, await one.nonce()]).to.deep.equal([7n, 1]);
  });

  it("are both stopped where each has used a nonce of the other, told once each, and nothing is in effect twice", async () => {
    await one.rpc("evm_setAutomine", false);
    [one.providers, other.providers] = [[without(one, 1)], [without(other, 0)]];
    await one.restart();
    await other.restart();
    const before = await one.balance();
    const sent = [one, other].flatMap((stage, i) =>
      [0, 1].map(async (place) => {
        const value = 10n ** BigInt(2 * i + place);
        const { transaction, ...rest } = stage.paying(`${String(i)} ${String(place)}`, { isUrgent: true });
        return endOf(stage.sender.send({ ...rest, transaction: { ...transaction, value } }));
      }),
    );
    await until(async () => (await one.provider.getTransactionCount(one.wallet.address, "pending")) === 2);
    await until(() => one.signed().length === 2 && other.signed().length === 2);
    await one.mine();
    await one.mine();
    const kinds = await Promise.all(sent);
    expect(kinds.filter((each) => each === "key in use").length).to.be.at.least(2);
    expect(await one.nonce()).to.equal(2);
    const paid = (await one.balance()) - before;
    expect(paid, "one of each").to.be.oneOf([1n + 1_000n, 1n + 100n, 10n + 1_000n, 10n + 100n]);
    expect([timesTold(one), timesTold(other)]).to.deep.equal([1, 1]);

    await one.rpc("evm_setAutomine", true);
    for (const stage of [one, other]) {
      stage.providers = [stage.provider];
      await stage.restart();
      await stage.sender.recover();
      expect(await endOf(stage.sender.send(stage.paying("more")))).to.equal("key in use");
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([await one.nonce(), timesTold(one), timesTold(other)], "and nothing since").to.deep.equal([2, 1, 1]);

    other.unhalt();
    const again = await Promise.all(
      [0, 1].map(async (place) => endOf(other.sender.send(other.paying(`1 ${String(place)}`)))),
    );
    expect(again).to.deep.equal(["mined", "mined"]);
    const all = (await one.balance()) - before;
    expect(all - paid, "what the other one has not sent yet").to.be.oneOf([100n, 1_000n]);
  });

  it("are found out by the one that has nothing under way, before it sends", async () => {
    for (const stage of [one, other]) expect(await endOf(stage.sender.send(stage.paying("first")))).to.equal("mined");
    expect(await one.nonce()).to.equal(2);
    const before = await one.balance();
    const count = one.signed().length;
    expect(await endOf(one.sender.send(one.paying("second")))).to.equal("key in use");
    expect([(await one.balance()) - before, one.signed().length]).to.deep.equal([0n, count]);
    expect(one.alarms.all.at(-1)?.problem).to.include(
      "Nonces 1 to 1 were used by transactions that are not of this program",
    );
    expect(await endOf(other.sender.send(other.paying("second"))), "the other one goes on").to.equal("mined");
  });
});
