import { expect } from "chai";
import { id, Wallet } from "ethers";
import { pino } from "pino";

import { deployAttestedPlatform, type AttestedPlatform } from "../../fixtures/dcap/attestedPlatform.ts";
import type { Actor } from "../../fixtures/deployedPlatform.ts";
import { directSender } from "../../fixtures/provider/directSender.ts";
import { recordedAlarms } from "../../fixtures/provider/recordedAlarms.ts";
import { openWatchedChain } from "../../fixtures/validator/watcher.ts";
import { domainOf, signSigningKey } from "../../../src/eip712/index.ts";
import { signView, viewDomain } from "../../../src/eip712/view.ts";
import { openStore, type Database } from "../../../src/service/store/database.ts";
import type { Hex } from "../../../src/sgx/bytes.ts";
import { readStakes } from "../../../src/validator/seats.ts";
import { CaseStore } from "../../../src/validator/store/cases.ts";
import { validatorMigrations } from "../../../src/validator/store/tables.ts";
import { ViewStore } from "../../../src/validator/store/views.ts";
import { ViewReporting } from "../../../src/validator/views/reporting.ts";

const [HEIGHT, STEP] = [5, 1_000] as const;

describe("Validators that signed two blocks of one height", () => {
  let platform: AttestedPlatform;
  let watched: Awaited<ReturnType<typeof openWatchedChain>>;
  let databases: Database[];
  /** Turns are counted from the beginning. */
  let begin: number;
  let clock: number;
  beforeEach(async () => {
    platform = await deployAttestedPlatform({ validators: 4 });
    watched = await openWatchedChain(platform);
    [databases, begin] = [[], Date.now()];
    clock = begin;
  });
  afterEach(async () => {
    for (const database of databases) database.close();
    await watched.close();
    await platform.connection.close();
  });

  /** A seat with its duty, which knows what validators have signed. */
  function seatOf(actor: Actor, isDry = false) {
    const database = openStore(":memory:", { owner: "validator", migrations: validatorMigrations });
    databases.push(database);
    const now = (): number => clock;
    const chain = watched.open(now);
    const views = new ViewStore(database);
    const { sender, sent } = directSender(actor);
    const { alarms, told } = recordedAlarms();
    const reporting = new ViewReporting({
      ...{
        chain,
        sender,
        views,
        alarms,
        isDry,
        now,
        clock: { now: () => clock - begin },
        step: STEP,
        own: actor.address,
      },
      ...{ cases: new CaseStore(database, now), judge: platform.book.contracts.viewJudge },
      ...{ stakes: async () => readStakes(chain), log: pino({ level: "silent" }) },
    });
    return { views, sent, told, look: async () => reporting.run(new AbortController().signal) };
  }
  async function bothBy(validator: Actor, key: Pick<Actor, "signTypedData"> = validator, height = HEIGHT) {
    const domain = viewDomain(platform.chainId, platform.book.contracts.viewJudge);
    return Promise.all(
      ["one branch", "another branch"].map(async (branch) => {
        const blockHash = id(branch) as Hex;
        const signature = (await signView(key, domain, { number: BigInt(height), blockHash })) as Hex;
        return { number: height, blockHash, validator: validator.address, signature };
      }),
    );
  }
  /** All look for two rounds of turns, once in each and once after it. */
  async function lookInTurns(seats: readonly { readonly look: () => Promise<void> }[]): Promise<void> {
    for (let looks = 2 * 2 * (platform.validators.length + 1); looks > 0; looks--) {
      for (const seat of seats) await seat.look();
      clock += STEP;
    }
  }
  const stakeOf = async ({ address }: Actor): Promise<bigint> =>
    (await platform.protocol.validatorSet.getValidator(address)).stake;

  it("are reported once among all, with both signatures, and lose stake", async () => {
    const [liar, ...honest] = platform.validators as [Actor, ...Actor[]];
    const before = await stakeOf(liar);
    const seats = honest.map((actor) => seatOf(actor));
    const views = await bothBy(liar);
    for (const seat of seats) for (const view of views) seat.views.add(view);
    await lookInTurns(seats);
    expect(seats.flatMap(({ sent }) => sent).map(({ outcome }) => outcome.kind)).to.deep.equal(["mined"]);
    const events = await platform.protocol.viewJudge.queryFilter(platform.protocol.viewJudge.filters.ViewsSlashed());
    expect(events.map(({ args }) => [args.validator, args.number])).to.deep.equal([[liar.address, BigInt(HEIGHT)]]);
    expect(await stakeOf(liar)).to.equal(before - events[0]!.args.amount);
    for (const { told } of seats) {
      expect(told.map(({ code, about }) => [code, about])).to.deep.equal([["view-conflict-reported", liar.address]]);
    }
  });

  it("are reported by the key that they have chosen, too", async () => {
    const [liar, honest] = platform.validators as [Actor, Actor];
    const key = Wallet.createRandom();
    const domain = domainOf("ValidatorSet", platform.chainId, platform.book.contracts.validatorSet);
    const consent = await signSigningKey(key, domain, liar.address);
    await platform.protocol.validatorSet.connect(liar).setSigningKey(key, consent);
    const seat = seatOf(honest);
    for (const view of await bothBy(liar, key)) seat.views.add(view);
    await lookInTurns([seat]);
    expect(seat.sent).to.have.lengthOf(1);
    expect(await platform.protocol.validatorSet.isActive(liar)).to.equal(false);
  });

  it("are not reported for one block, by themselves, in a dry run, or where a signature is not theirs", async () => {
    const [liar, honest, other] = platform.validators as [Actor, Actor, Actor];
    const views = await bothBy(liar);
    const [single, own, dry, forged] = [seatOf(honest), seatOf(liar), seatOf(honest, true), seatOf(honest)];
    single.views.add(views[0]!);
    for (const view of views) for (const seat of [own, dry]) seat.views.add(view);
    for (const view of await bothBy(liar, other)) forged.views.add(view);
    await lookInTurns([single, own, dry, forged]);
    expect([single, own, dry, forged].flatMap(({ sent }) => sent)).to.deep.equal([]);
    expect(own.told.map(({ remedy }) => remedy).join()).to.include("leave the set");
    expect(single.told).to.deep.equal([]);
    expect(await platform.protocol.validatorSet.isActive(liar)).to.equal(true);
  });
});
