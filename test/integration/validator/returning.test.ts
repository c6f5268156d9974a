import { expect } from "chai";
import { toBeHex } from "ethers";
import { pino } from "pino";

import { deployTestPlatform, TOKEN, type Actor, type DeployedPlatform } from "../../fixtures/deployedPlatform.ts";
import { directChain } from "../../fixtures/provider/directChain.ts";
import { directSender } from "../../fixtures/provider/directSender.ts";
import { canReturn, type WaitingView } from "../../../src/validator/returning/decide.ts";
import { TotalNoting } from "../../../src/validator/returning/noting.ts";
import { Returning } from "../../../src/validator/returning/returning.ts";
import { isQuorum } from "../../../src/validator/quorum.ts";
import { readStakes } from "../../../src/validator/seats.ts";

const SEATS = 32;

describe("A validator whose stake was displaced", () => {
  let platform: DeployedPlatform;
  let others: Actor[];

  /** All seats are taken, the first three by the platform's validators; somebody else has locked more than they, for long enough. */
  before(async () => {
    platform = await deployTestPlatform({ validators: 3 });
    others = [];
    for (let i = 0; i < SEATS - 2; i++) others.push(await joinWith(toBeHex(0xa000 + i, 20), 20_000n * TOKEN));
    const { networkHelpers } = platform.connection;
    await networkHelpers.time.increase(await platform.protocol.validatorSet.activationDelay());
    for (const { address } of others.slice(1)) await platform.protocol.validatorSet.activate(address);
  });
  after(async () => {
    await platform.connection.close();
  });

  async function joinWith(address: string, amount: bigint): Promise<Actor> {
    const { connection, protocol } = platform;
    const { token, stakeVault, validatorSet } = protocol;
    await connection.networkHelpers.setBalance(address, 10n ** 20n);
    const actor = await connection.ethers.getImpersonatedSigner(address);
    await token.approve(stakeVault, amount);
    await stakeVault.depositFor(address, amount);
    await stakeVault.connect(actor).allow(validatorSet, amount);
    await validatorSet.connect(actor).join(amount);
    return actor;
  }

  const chain = () => directChain(platform.book, platform.connection.ethers.provider);
  const returningOf = (actor: Actor, isDry = false) => {
    const { sender, sent } = directSender(actor);
    const log = pino({ level: "silent" });
    return { duty: new Returning({ chain: chain(), sender, own: actor.address, isDry, log }), sent };
  };

  it("takes the next free seat by itself, and only then", async () => {
    const { validatorSet } = platform.protocol;
    const duties = platform.validators.map((actor) => returningOf(actor));
    const all = async (): Promise<number> => {
      for (const { duty } of duties) await duty.run();
      return duties.reduce((count, { sent }) => count + sent.length, 0);
    };
    expect(await all(), "with a seat").to.equal(0);
    await validatorSet.activate(others[0]!.address);
    const actives = await Promise.all(platform.validators.map(async (actor) => validatorSet.isActive(actor)));
    expect(actives.filter((isActive) => !isActive)).to.have.lengthOf(1);
    const displaced = platform.validators[actives.indexOf(false)]!;
    expect(await all(), "without a free seat").to.equal(0);

    const stakes = await readStakes(chain());
    expect(stakes.needed, "a quorum is of whoever was displaced, too").to.equal(
      (await validatorSet.activeStake()) + 10_000n * TOKEN,
    );
    expect(isQuorum(stakes.keys(), stakes)).to.equal(true);

    await validatorSet.connect(others[0]).exit();
    const dry = returningOf(displaced, true);
    await dry.duty.run();
    expect(dry.sent, "in a dry run").to.deep.equal([]);
    expect(await all()).to.equal(1);
    expect(await validatorSet.isActive(displaced)).to.equal(true);
    expect(await all(), "once it is back").to.equal(1);
    expect((await readStakes(chain())).needed, "nobody waits").to.equal(await validatorSet.activeStake());
  });

  it("is waited for no longer than it may take, and the chain notes it once", async () => {
    const { validatorSet } = platform.protocol;
    const { time } = platform.connection.networkHelpers;
    // Somebody takes the place of a validator that never comes back.
    await joinWith(toBeHex(0xb000, 20), 30_000n * TOKEN);
    await time.increase(await validatorSet.activationDelay());
    await validatorSet.activate(toBeHex(0xb000, 20));
    const { sender, sent } = directSender(others[1]!);
    const noting = (isDry: boolean) =>
      new TotalNoting({ chain: chain(), sender, isDry, log: pino({ level: "silent" }) }).run();
    const neededOfLast = async (): Promise<bigint> => {
      await platform.connection.networkHelpers.mine(2);
      return validatorSet.activeStakeAsOf((await platform.connection.ethers.provider.getBlockNumber()) - 1);
    };
    const waitedFor = await neededOfLast();
    expect(waitedFor > (await validatorSet.activeStake())).to.equal(true);
    await noting(false);
    expect(sent, "while it is waited for").to.have.lengthOf(0);
    await time.increase(2n * (await validatorSet.activationDelay()));
    expect(await neededOfLast()).to.equal(waitedFor);
    await noting(true);
    expect(sent, "in a dry run").to.have.lengthOf(0);
    await noting(false);
    expect(await neededOfLast()).to.equal(await validatorSet.activeStake());
    await noting(false);
    expect(sent).to.have.lengthOf(1);
  });

  it("displaces who has less, and waits where nobody has, or its own time is not over", () => {
    const view: WaitingView = {
      ...{ displaced: true, pending: 100n, activeFrom: 50, time: 50, seats: 2 },
      stakes: [100n, 200n],
    };
    expect(canReturn(view)).to.equal(false);
    expect(canReturn({ ...view, stakes: [200n] })).to.equal(true);
    expect(canReturn({ ...view, stakes: [200n, 99n] })).to.equal(true);
    expect(canReturn({ ...view, stakes: [200n], time: 49 })).to.equal(false);
    expect(canReturn({ ...view, stakes: [200n], displaced: false })).to.equal(false);
  });
});
