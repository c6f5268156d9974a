import { expect } from "chai";

import { TOKEN, type Actor } from "../../fixtures/deployedPlatform.ts";
import { faultOf, openViewStage, type ViewStage } from "../../fixtures/view/viewStage.ts";
import { collectViews, type SignedBlock } from "../../../src/view/collect.ts";
import type { Trust } from "../../../src/view/forms.ts";
import { SignedViews } from "../../../src/view/signedViews.ts";
import { firstViewHash, validatorsHash } from "../../../src/view/validatorSet.ts";

/** Some other contract. */
const STRANGER = `0x${"5e".repeat(20)}` as const;

describe("the validators that a program knows", () => {
  let stage: ViewStage;
  let trust: Trust;
  let first: readonly Actor[];
  const joined: Actor[] = [];
  /** Blocks that validators have signed, as all of them know them. */
  const signed: SignedBlock[] = [];

  before(async () => {
    stage = await openViewStage();
    trust = await stage.trust();
    first = stage.platform.validators;
    // Five times one leaves and another one joins: nobody of the first is left.
    for (const leaving of first) {
      const joining = await stage.platform.account();
      signed.push(await signNow([...first, ...joined]));
      await change(leaving, joining);
      signed.push(await signNow([...first, ...joined]));
    }
  });

  /** The newest block, signed by those of some accounts who are validators now or were at the beginning of the round. */
  async function signNow(actors: readonly Actor[]): Promise<SignedBlock> {
    await stage.platform.connection.networkHelpers.mine();
    const seats = new Set([...(await stage.active()).map(({ account }) => account), ...leftLast]);
    return stage.signed(
      await stage.height(),
      actors.filter(({ address }) => seats.has(address)),
    );
  }
  let leftLast: string[] = [];

  async function change(leaving: Actor, joining: Actor): Promise<void> {
    const { platform } = stage;
    const { validatorSet } = platform.protocol;
    await platform.stake(joining, 20_000n * TOKEN, validatorSet);
    await validatorSet.connect(joining).join(12_000n * TOKEN);
    await validatorSet.connect(leaving).exit();
    await platform.travelTo((await platform.now()) + Number(await validatorSet.activationDelay()));
    await validatorSet.activate(joining);
    joined.push(joining);
    leftLast = [leaving.address];
  }

  const partsFor = (views: SignedViews) => ({
    ...{ network: stage.network, trust, belief: views.belief },
    sources: [stage.source(first[0]!, signed)],
  });

  it("are followed through every change to others altogether", async () => {
    const views = new SignedViews(trust);
    const newest = signed.at(-1)!;
    const collected = await collectViews(partsFor(views), newest.number);
    expect(collected.length).to.be.above(1).and.at.most(signed.length);
    await views.believe(collected);
    expect(views.newest?.hash).to.equal(newest.blockHash);
    expect(views.validators).to.deep.equal(await stage.active());
    expect(views.validators.map(({ account }) => account)).not.to.include.members([first[0]!.address]);
    expect(views.belief.passed[0]?.validators).to.equal(validatorsHash(trust.validators));
    expect(views.descendsFrom(firstViewHash(trust, validatorsHash(trust.validators)))).to.equal(true);
    expect(views.descendsFrom(firstViewHash(trust, validatorsHash([trust.validators[0]!])))).to.equal(false);
    // The same validators, where later ones are read from somebody else's ValidatorSet or answer before another judge.
    for (const other of [{ validatorSet: STRANGER }, { viewJudge: STRANGER }]) {
      const elsewhere = new SignedViews({ ...trust, contracts: { ...trust.contracts, ...other } });
      expect(elsewhere.descendsFrom(firstViewHash(trust, validatorsHash(trust.validators)))).to.equal(false);
    }
  });

  it("are not others because a host says so, in whatever order it shows the changes", async () => {
    const collected = await collectViews(partsFor(new SignedViews(trust)), signed.at(-1)!.number);
    expect(await faultOf(new SignedViews(trust).believe(collected.slice(-1)))).to.equal("UNDER_SIGNED");
    for (const skipped of collected.keys()) {
      const some = collected.filter((_, place) => place !== skipped);
      if (skipped === collected.length - 1) continue;
      const fault = await faultOf(new SignedViews(trust).believe(some));
      expect(fault).to.be.oneOf(["UNDER_SIGNED", "STALE_VIEW"]);
    }
    expect(await faultOf(new SignedViews(trust).believe([...collected].reverse()))).to.equal("UNDER_SIGNED");
  });

  it("are read from the block that was signed, and from nowhere else", async () => {
    const collected = await collectViews(partsFor(new SignedViews(trust)), signed.at(-1)!.number);
    const at = collected.findIndex(({ validators }) => validators !== undefined);
    const [change, later] = [
      collected[at]!,
      collected.slice(at + 1).find(({ validators }) => validators !== undefined)!,
    ];
    const before = collected.slice(0, at);
    const lying = { ...change, validators: later.validators! };
    expect(await faultOf(new SignedViews(trust).believe([...before, lying]))).to.equal("PROOF_INVALID");
    const less = { ...change, validators: { ...change.validators!, storage: change.validators!.storage.slice(0, 1) } };
    expect(await faultOf(new SignedViews(trust).believe([...before, less]))).to.equal("PROOF_TRUNCATED");
  });

  it("are no longer those who have left: what they sign together is not believed", async () => {
    const views = new SignedViews(trust);
    await views.believe(await collectViews(partsFor(views), signed.at(-1)!.number));
    await stage.platform.connection.networkHelpers.mine();
    const height = await stage.height();
    expect(await faultOf(views.believe([await stage.viewOf(await stage.signed(height, first))]))).to.equal(
      "UNDER_SIGNED",
    );
    await views.believe([await stage.viewOf(await stage.signed(height, joined))]);
  });

  it("are not believed to be those whom a set names before a later block says so, too", async () => {
    const views = new SignedViews(trust);
    const collected = await collectViews(partsFor(views), signed.at(-1)!.number);
    const at = collected.findIndex(({ validators }) => validators !== undefined);
    await views.believe(collected.slice(0, at + 1));
    const set = firstViewHash(trust, validatorsHash([...views.validators]));
    expect(views.descendsFrom(set)).to.equal(false);
    await views.believe(collected.slice(at + 1, at + 2));
    expect(views.descendsFrom(set)).to.equal(true);
  });

  it("must sign what is collected: a network's word for who they are brings nothing", async () => {
    const alone = { ...partsFor(new SignedViews(trust)), sources: [stage.source(first[0]!)] };
    expect(await faultOf(collectViews(alone, await stage.height()))).to.equal("UNDER_SIGNED");
  });
});
