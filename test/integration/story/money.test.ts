import { expect } from "chai";
import { rmSync } from "node:fs";

import { readHistory } from "../../fixtures/story/history.ts";
import { auditMoney, holdingsOf, type Holdings, type Parties } from "../../fixtures/story/moneyAudit.ts";
import { MoneyModel } from "../../fixtures/story/moneyModel.ts";
import { ROLES, Stage, walletOf } from "../../fixtures/story/stage.ts";
import { TaskModel } from "../../fixtures/story/taskModel.ts";

const [[providerA, providerB], [validator], [user, other]] = [ROLES.providers, ROLES.validators, ROLES.users];

describe("The story's model of the money", () => {
  let stage: Stage;
  let parties: Parties;
  let began: { readonly block: number; readonly holdings: Holdings };
  const addressOf = (index: number): string => walletOf(index).address;

  before(async () => {
    stage = await Stage.open("anvil");
    parties = {
      users: ROLES.users.map(addressOf),
      owners: [],
      providers: ROLES.providers.map((index, i) => ({
        ...{ address: addressOf(index), payout: addressOf(index) },
        nodes: stage.nodes.filter(({ provider }) => provider === i).map(({ id }) => id),
      })),
      validators: ROLES.validators.map(addressOf),
      treasury: addressOf(ROLES.treasury),
    };
    began = { block: (await stage.chain.head()).number, holdings: await holdingsOf(stage.protocol, parties) };
  });

  after(async () => {
    await stage.close();
  });

  /** Moves to where each block of the next epoch wins, and has its challenge issued and proven by some nodes. */
  async function live(...nodes: readonly number[]): Promise<void> {
    const { epochLength, responseWindow, openStretch } = stage.times;
    const { timestamp } = await stage.chain.head();
    const next = (Math.floor(timestamp / epochLength) + 1) * epochLength;
    await stage.chain.moveTo(next + epochLength - responseWindow - openStretch + 1);
    await stage.doesAs(validator, "validator", "challenge");
    for (const node of nodes) {
      const answer = `answer-${String(node)}.json`;
      await stage.does("proof", "solve", String(node));
      await stage.does("proof", "submit", answer);
      rmSync(stage.file(answer));
    }
  }

  async function open(node: number, by: number, deposit: string): Promise<string> {
    const provider = ROLES.providers[stage.nodes[node - 1]!.provider]!;
    const out = stage.file(`offer-${String(node)}-${String(by)}.json`);
    const terms = ["--price", "1234.567891", "--lock", "100", "--out", out];
    await stage.doesAs(provider, "offer", "sign", String(node), ...terms);
    const { orderId } = await stage.doesAs(by, "order", "open", deposit, "--offer", out);
    return String(orderId);
  }

  /** The sums that differ, after all orders are settled. */
  async function differences(): Promise<readonly unknown[]> {
    const { number, timestamp } = await stage.chain.head();
    const history = await readHistory(stage.provider, stage.book, { from: began.block + 1, to: number });
    const model = await MoneyModel.of(history, stage.protocol.orderEscrow, stage.times.epochLength);
    const tasks = await TaskModel.of(history, stage.protocol, parties.treasury);
    const sums = await auditMoney(stage.protocol, parties, began.holdings, { model, tasks, settledAt: timestamp });
    expect(sums.length).to.equal(13);
    return [...sums.filter(({ expected, actual }) => expected !== actual), ...model.rewards.faults];
  }

  it("agrees with the chain to the base unit: proofs, misses, slashes, closes, fees and rewards", async () => {
    await live();
    const first = await open(1, user, "50");
    const second = await open(3, other, "40");
    await live(1, 3);
    // The second's node fails twice in a row while others prove, which slashes.
    await live(1);
    await live(1);
    await stage.doesAs(user, "order", "top-up", first, "7.000000000000000001");
    await live(1, 3);
    const requested = await stage.doesAs(other, "order", "request", "2", "30");
    await stage.doesAs(other, "order", "close", second);
    await stage.doesAs(user, "order", "settle", `${first},${second}`);
    await live();
    await stage.doesAs(user, "order", "settle", `${first},${second}`);
    expect(requested["orderId"]).to.equal("3");
    expect(await differences()).to.deep.equal([]);
    expect(await stage.protocol.stakeVault.totalSlashed()).to.not.equal(0n);

    await stage.doesAs(other, "order", "close", "3");
    await stage.doesAs(providerA, "order", "withdraw");
    await stage.doesAs(other, "order", "withdraw");
    await stage.doesAs(providerB, "order", "withdraw");
    await (await stage.actingAs(user).orderEscrow.collectFees([1, 3])).wait();
    // A challenge of the same period, so that the fees have somebody to go to.
    await live(1);
    await stage.chain.moveTo((await stage.chain.head()).timestamp + 24 * stage.times.epochLength);
    await stage.doesAs(validator, "rewards", "withdraw");
    await stage.doesAs(user, "order", "settle", `${first},${second}`);
    expect(await differences()).to.deep.equal([]);
    const { token } = stage.protocol;
    expect(await token.balanceOf(stage.book.contracts.validatorRewards)).to.equal(0n);
  });

  it("differs when anybody has a base unit more", async () => {
    const { token } = stage.actingAs(ROLES.deployer);
    await (await token.transfer(addressOf(user), 1n)).wait();
    expect(await differences()).to.have.length(1);
  });
});
