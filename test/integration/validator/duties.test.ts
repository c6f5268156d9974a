import { expect } from "chai";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pino } from "pino";

import { deployTestPlatform, TOKEN, type Actor, type DeployedPlatform } from "../../fixtures/deployedPlatform.ts";
import { directChain } from "../../fixtures/provider/directChain.ts";
import { directSender } from "../../fixtures/provider/directSender.ts";
import { recordedAlarms } from "../../fixtures/provider/recordedAlarms.ts";
import type { Block } from "../../../src/chain/block.ts";
import { RefusedError } from "../../../src/chain/sending/errors.ts";
import { Notice } from "../../../src/service/notice.ts";
import type { Duty } from "../../../src/validator/duty.ts";
import { isDrawn } from "../../../src/validator/lottery/draw.ts";
import { Lottery } from "../../../src/validator/lottery/lottery.ts";
import { decideRewards } from "../../../src/validator/rewards/decide.ts";
import { Rewards } from "../../../src/validator/rewards/rewards.ts";
import { readStakes } from "../../../src/validator/seats.ts";
import { work } from "../../../src/validator/work.ts";

const log = pino({ level: "silent" });

describe("What a validator does by itself", () => {
  let platform: DeployedPlatform;

  before(async () => {
    platform = await deployTestPlatform({ validators: 3, parameters: { lotteryOdds: 4 } });
  });
  after(async () => {
    await platform.connection.close();
  });

  const lotteryOf = (actor: Actor, isDry = false) => {
    const { sender, sent } = directSender(actor);
    const chain = directChain(platform.book, platform.connection.ethers.provider);
    const { alarms } = recordedAlarms();
    // Blocks of these tests come when they are wanted: no time passes between them.
    const clock = { now: () => 0 };
    return { lottery: new Lottery({ chain, sender, clock, step: 0, isDry, alarms, log }), sent, sender, chain };
  };
  const rewardsOf = (actor: Actor, above: string, to?: string) => {
    const { sender, sent } = directSender(actor);
    const chain = directChain(platform.book, platform.connection.ethers.provider);
    const stakes = async () => readStakes(chain);
    const parts = { chain, sender, stakes, own: actor.address, above, to, step: 0, isDry: false };
    return { rewards: new Rewards({ ...parts, clock: { now: Date.now }, now: Date.now, log }), sent };
  };
  /** Lets the lottery look at block after block, at most a hundred. */
  async function until(lottery: Lottery, isOver: () => boolean): Promise<void> {
    for (let blocks = 0; blocks < 100; blocks++) {
      await lottery.run();
      if (isOver()) return;
      await platform.connection.networkHelpers.mine();
    }
  }
  async function issue(actor: Actor): Promise<number> {
    await platform.nextEpoch();
    const { lottery, sent } = lotteryOf(actor);
    await until(lottery, () => sent.length > 0);
    return sent.length;
  }

  it("draws as the contract does, also of the block that is the newest", async () => {
    await platform.nextEpoch();
    const { challengeManager } = platform.protocol;
    const { provider } = platform.connection.ethers;
    const { chainId, contracts } = platform.book;
    let wins = 0;
    for (let i = 0; i < 24; i++) {
      await platform.connection.networkHelpers.mine();
      const block = (await provider.getBlock("latest"))!;
      const epoch = Number(await challengeManager.currentEpoch());
      const draw = { chainId, challengeManager: contracts.challengeManager, epoch, blockHash: block.hash! };
      const expected = await challengeManager.canIssue(block.number, { blockTag: "pending" });
      expect(isDrawn(draw, 4n), String(block.number)).to.equal(expected);
      wins += expected ? 1 : 0;
    }
    expect(wins).to.be.within(1, 20);
  });

  it("issues an epoch's challenge by a block that wins, and asks for no pending block", async () => {
    await platform.nextEpoch();
    const [actor] = platform.validators;
    const { lottery, sent, chain } = lotteryOf(actor!);
    const asked: unknown[] = [];
    const read = chain.read.bind(chain);
    Object.assign(chain, {
      read: async (what: string, reading: Parameters<typeof read>[1]) =>
        read(what, async (protocol, block) => {
          const canIssue = async (...given: unknown[]): Promise<never> => {
            asked.push(given);
            return Promise.reject(new Error("it is not asked"));
          };
          return reading(
            {
              ...protocol,
              challengeManager: Object.assign(Object.create(protocol.challengeManager), { canIssue }) as never,
            },
            block,
          );
        }),
    });
    await until(lottery, () => sent.length > 0);
    expect(sent.map(({ outcome }) => outcome.kind)).to.deep.equal(["mined"]);
    expect(asked).to.deep.equal([]);
    await lottery.run();
    expect(sent).to.have.lengthOf(1);
  });

  it("takes a refused challenge for no failure, and looks again", async () => {
    await platform.nextEpoch();
    const [actor] = platform.validators;
    const { lottery, sender } = lotteryOf(actor!);
    let refused = 0;
    sender.send = async () => {
      refused += 1;
      return Promise.reject(new RefusedError("somebody else was first"));
    };
    await until(lottery, () => refused === 2);
    expect(refused).to.equal(2);
  });

  it("claims what is due for periods that are over, from the threshold on, to whom it is told, and once", async () => {
    const [first] = platform.validators;
    const { token, validatorRewards, challengeManager } = platform.protocol;
    await token.approve(validatorRewards, 100n * TOKEN);
    expect(await issue(first!)).to.equal(1);
    const period = await challengeManager.currentPeriod();
    await validatorRewards.fund(90n * TOKEN);
    const early = rewardsOf(first!, "0");
    await early.rewards.run();
    expect(early.sent, "the period is not over").to.deep.equal([]);
    while ((await challengeManager.currentPeriod()) === period) await platform.nextEpoch();
    const due = await validatorRewards.dueOf(period, first!.address);
    expect(due > 0n).to.equal(true);
    const patient = rewardsOf(first!, (due / TOKEN + 1n).toString());
    await patient.rewards.run();
    expect(patient.sent, "too little").to.deep.equal([]);
    const to = (await platform.account()).address;
    const { rewards, sent } = rewardsOf(first!, (due / TOKEN).toString(), to);
    await rewards.run();
    await rewards.run();
    expect(sent.map(({ outcome }) => outcome.kind)).to.deep.equal(["mined"]);
    expect(await token.balanceOf(to)).to.equal(due);
  });

  it("passes on the pot of a period that nobody earned, and claims all periods in one transaction", () => {
    const earned = { due: 3n, points: 2n, pot: 9n };
    const view = [
      { period: 1n, ...earned },
      { period: 2n, due: 0n, points: 0n, pot: 5n },
      { period: 3n, ...earned },
      { period: 4n, due: 0n, points: 0n, pot: 0n },
      { period: 5n, due: 0n, points: 1n, pot: 5n },
    ];
    const rollOver = { kind: "roll-over", period: 2n };
    expect(decideRewards(view, 6n)).to.deep.equal([{ kind: "claim", periods: [1n, 3n] }, rollOver]);
    expect(decideRewards(view, 7n)).to.deep.equal([rollOver]);
  });

  it("is not held up by a duty that hangs or fails, and tells of one that keeps failing", async () => {
    const { alarms, codes } = recordedAlarms();
    let looks = 0;
    const duty = (name: string, run: Duty["run"]) => [{ name, run }, new Notice(), 10] as const;
    const stopping = new AbortController();
    const duties = [
      duty("hangs", async (signal) => {
        await once(signal, "abort");
      }),
      duty("fails", async () => Promise.reject(new Error("it fails"))),
      duty("lottery", async () => {
        looks += 1;
        return Promise.resolve();
      }),
    ];
    const heads = (): AsyncIterable<Block> => Readable.from([]);
    const parts = { chain: { heads }, alarms, log, seen: () => undefined };
    setTimeout(() => {
      stopping.abort();
    }, 500);
    await work(duties, parts, stopping.signal);
    expect(looks).to.be.greaterThan(10);
    expect(codes()).to.deep.equal(["duty-failing fails"]);
  });
});
