import { expect } from "chai";
import { hexlify } from "ethers";

import { deployAttestedPlatform, type AttestedPlatform, type Vouched } from "../../fixtures/dcap/attestedPlatform.ts";
import { demotedTo } from "../../fixtures/dcap/disputes.ts";
import { WatchedStage } from "../../fixtures/validator/watchedStage.ts";
import type { Shown, Watcher, WatcherOptions } from "../../fixtures/validator/watcher.ts";
import {
  decideVouching,
  type Knowledge,
  type OwnWord,
  type VouchingView,
} from "../../../src/validator/disputes/decide.ts";
import { Attestations } from "../../../src/validator/watch/attestations.ts";
import { TcbStatus } from "../../../src/sgx/tcbStatus.ts";

const DAY = 86_400;

describe("Validators that look after what others have signed", () => {
  let stage: WatchedStage<AttestedPlatform>;
  let platform: AttestedPlatform;
  before(async () => {
    platform = await deployAttestedPlatform({ validators: 10 });
    stage = await WatchedStage.of(platform);
  });
  after(async () => stage.close());
  afterEach(async () => stage.reset());

  /** The three seats that do not collude. */
  const honest = () => platform.validators.slice(7);
  const collude = () => platform.validators.slice(0, 7);
  const open = (shown: Shown, options?: WatcherOptions): Watcher[] => stage.open(honest(), shown, options);
  /** Vouched for is the listed enclave; the quote is another one's. */
  const lie = () => ({ quote: { mrEnclave: `0x${"77".repeat(32)}` as const }, signers: collude() });
  const shownOf = ({ quote, collateral }: Vouched): Shown => ({ quote: hexlify(quote), collateral });
  const sentBy = (all: readonly Watcher[]): string[] =>
    all.flatMap(({ sent }) =>
      sent.map(({ intention, outcome }) => `${intention.key.split(" ")[0] ?? ""} ${outcome.kind}`),
    );
  const recordOf = async ({ claim, reportData }: Vouched) =>
    platform.protocol.quorumVerifier.getRecord(platform.book.contracts.nodeRegistry, claim.quoteHash, reportData);
  const stakesOf = async () =>
    Promise.all(
      platform.validators.map(
        async ({ address }) => (await platform.protocol.validatorSet.getValidator(address)).stake,
      ),
    );
  const lookAll = async (all: readonly Watcher[]): Promise<void> =>
    stage.lookInTurns(all, (watcher) => watcher.disputes);

  /** Lets time pass, for the chain and for all of them. */
  async function pass(all: readonly Watcher[], seconds: number): Promise<void> {
    await platform.travelTo((await platform.now()) + seconds);
    for (const { clock } of all) clock.now += seconds * 1_000;
  }

  it("demand no more at once than they may lose", async () => {
    const { stakeVault, quorumVerifier } = platform.protocol;
    await platform.vouchFor(await platform.declare(), { signers: collude() });
    await platform.vouchFor(await platform.declare(), { platform: { name: "other" }, signers: collude() });
    const [actor] = honest();
    await stakeVault.connect(actor).allow(quorumVerifier, 10n * (await quorumVerifier.demandBond()));
    const [watcher] = stage.open([actor!], {}, { demands: { after: 0, most: 1 }, step: 0 }) as [Watcher];
    await platform.travelTo((await platform.now()) + 60);
    await watcher.look(watcher.disputes, 3);
    expect(sentBy([watcher])).to.deep.equal(["demand mined"]);
    expect(watcher.codes().map((code) => code.split(" ")[0])).to.deep.equal(["quote-unseen"]);
  });

  it("dispute what a colluding quorum said of a quote, exactly one of them, and the signers pay once", async () => {
    const nodeId = await platform.declare();
    const vouched = await platform.vouchFor(nodeId, lie());
    const before = await stakesOf();
    const all = open(shownOf(vouched));
    await lookAll(all);
    expect(sentBy(all)).to.deep.equal(["dispute mined"]);
    expect((await recordOf(vouched)).disproven).to.equal(true);
    const after = await stakesOf();
    expect(after.slice(0, 7).every((stake, i) => stake < before[i]!)).to.equal(true);
    expect(after.slice(7)).to.deep.equal(before.slice(7));
    expect(all.flatMap(({ told }) => told.map(({ code }) => code))).to.deep.equal(["vouching-disputed"]);
    expect(all.map(({ cases }) => cases.openOf("vouching").length)).to.deep.equal([0, 0, 0]);
  });

  it("leave alone what is true, and what they have signed themselves", async () => {
    const nodeId = await platform.declare();
    const vouched = await platform.vouchFor(nodeId, { signers: collude() });
    const all = open(shownOf(vouched));
    await lookAll(all);
    expect(sentBy(all)).to.deep.equal([]);
    expect(all.map(({ cases }) => cases.openOf("vouching").length)).to.deep.equal([0, 0, 0]);
    const other = await platform.vouchFor(await platform.declare(), { platform: { name: "other" } });
    const [blind] = stage.open(platform.validators.slice(0, 1), {}) as [Watcher];
    await blind.look(blind.disputes, 2);
    expect(other.signers).to.include(platform.validators[0]);
    expect(blind.cases.openOf("vouching")).to.have.lengthOf(0);
  });

  it("dispute nothing of which the judge says that it is undecided", async () => {
    const nodeId = await platform.declare();
    const vouched = await platform.vouchFor(nodeId, {
      collateral: platform.simulator.platform().collateral(demotedTo(TcbStatus.OutOfDate)),
      signers: collude(),
    });
    // Without the collateral that they name nobody can say that the status is wrong.
    const shown = { quote: hexlify(vouched.quote) };
    const all = open(shown);
    await lookAll(all);
    expect(sentBy(all)).to.deep.equal([]);
    expect((await recordOf(vouched)).disproven).to.equal(false);
    expect(all.map(({ cases }) => cases.openOf("vouching").length)).to.deep.equal([1, 1, 1]);
    Object.assign(shown, { collateral: vouched.collateral });
    await lookAll(all);
    expect(sentBy(all)).to.deep.equal(["dispute mined"]);
  });

  it("believe no gateway that shows another quote, demand nothing unless told to, and say so", async () => {
    const nodeId = await platform.declare();
    const vouched = await platform.vouchFor(nodeId, lie());
    const other = await platform.vouchFor(await platform.declare(), {
      platform: { name: "other" },
      signers: collude(),
    });
    const all = open(shownOf(other));
    await platform.travelTo((await platform.now()) + 60);
    await lookAll(all);
    expect(sentBy(all)).to.deep.equal([]);
    const about = vouched.claim.quoteHash;
    expect(all.map(({ codes }) => codes())).to.deep.equal(Array(3).fill([`quote-unseen ${about}`]));
  });

  it("demand once what nobody shows, and end it as withheld when its time is over", async () => {
    const nodeId = await platform.declare();
    await platform.vouchFor(nodeId, { signers: collude() });
    await platform.vouchFor(await platform.declare(), { platform: { name: "other" }, signers: collude() });
    const { stakeVault, quorumVerifier, nodeRegistry } = platform.protocol;
    for (const actor of honest())
      await stakeVault.connect(actor).allow(quorumVerifier, await quorumVerifier.demandBond());
    const all = open({}, { demands: { after: 30, most: 1 } });
    await lookAll(all);
    expect(sentBy(all), "before it is time").to.deep.equal([]);
    await pass(all, 60);
    await lookAll(all);
    // Each bond is bounded for each of them, and each quote is demanded once.
    expect(sentBy(all)).to.deep.equal(["demand mined", "demand mined"]);
    for (const { sent } of all) expect(sent.length).to.be.lessThan(2);
    await pass(all, DAY + 60);
    await lookAll(all);
    expect(sentBy(all).filter((each) => each === "withhold mined")).to.have.lengthOf(2);
    expect((await nodeRegistry.standingOf(nodeId)).endReason).to.not.equal(0n);
    expect(all.map(({ cases }) => cases.openOf("vouching").length)).to.deep.equal([0, 0, 0]);
  });

  it("find a quote in the transaction that shows it, and dispute it then", async () => {
    const nodeId = await platform.declare();
    const vouched = await platform.vouchFor(nodeId, lie());
    const { quorumVerifier, stakeVault } = platform.protocol;
    const key = [platform.book.contracts.nodeRegistry, vouched.claim.quoteHash, vouched.reportData] as const;
    await stakeVault.connect(platform.provider).allow(quorumVerifier, await quorumVerifier.demandBond());
    await quorumVerifier.connect(platform.provider).demandQuote(...key);
    const all = open({});
    await lookAll(all);
    expect(sentBy(all)).to.deep.equal([]);
    await quorumVerifier.connect(platform.provider).showQuote(...key, vouched.quote);
    await lookAll(all);
    expect(sentBy(all)).to.deep.equal(["dispute mined"]);
  });

  it("know the same attestations after a restart, in the order in which they came", async () => {
    const [first, second] = [await platform.declare(), await platform.declare()];
    await platform.vouchFor(first);
    await platform.vouchFor(second, { platform: { name: "other" } });
    const again = await platform.vouchFor(first);
    const [watcher] = open({});
    await watcher!.look(watcher!.disputes);
    const { feed, attestations } = watcher!.shared;
    const fresh = new Attestations(feed, 0);
    fresh.refresh();
    expect(fresh.newest()).to.deep.equal(attestations.newest());
    expect(fresh.newest().map(({ nodeId, count }) => [nodeId, count])).to.deep.equal([
      [first, 2n],
      [second, 1n],
    ]);
    expect(fresh.heldOf(again.claim.quoteHash).map(({ count }) => count)).to.deep.equal([2n]);
    fresh.refresh();
    expect(fresh.newest()).to.have.lengthOf(2);
  });

  it("hold no more attestations than the newest of each node and so many that were replaced, and find each still", async () => {
    const nodeId = await platform.declare();
    const hashes: string[] = [];
    for (let i = 0; i < 5; i++) hashes.push((await platform.vouchFor(nodeId)).claim.quoteHash);
    const [watcher] = open({});
    await watcher!.look(watcher!.disputes);
    const all = watcher!.shared.attestations;
    const few = new Attestations(watcher!.shared.feed, 0, 2);
    few.refresh();
    expect([few.held, all.held]).to.deep.equal([3, 5]);
    expect(hashes.map((hash) => few.heldOf(hash).length)).to.deep.equal([0, 0, 1, 1, 1]);
    for (const hash of hashes) expect(few.allOf(hash)).to.deep.equal(all.heldOf(hash));
    expect(hashes.map((hash) => few.allOf(hash)[0]?.count)).to.deep.equal([1n, 2n, 3n, 4n, 5n]);
    expect(few.newest()).to.deep.equal(all.newest());
  });

  it("dispute a false quote of an attestation that is no longer held in memory", async () => {
    const nodeId = await platform.declare();
    const vouched = await platform.vouchFor(nodeId, lie());
    await platform.vouchFor(nodeId, { signers: collude() });
    const [watcher] = open(shownOf(vouched), { step: 0, kept: 0 });
    await watcher!.look(watcher!.disputes, 3);
    expect(watcher!.shared.attestations.heldOf(vouched.claim.quoteHash)).to.deep.equal([]);
    expect((await recordOf(vouched)).disproven).to.equal(true);
  });

  it("send nothing in a dry run", async () => {
    const vouched = await platform.vouchFor(await platform.declare(), lie());
    const all = open(shownOf(vouched), { isDry: true });
    await lookAll(all);
    expect(sentBy(all)).to.deep.equal([]);
    expect(all.map(({ cases }) => cases.openOf("vouching").length)).to.deep.equal([1, 1, 1]);
  });
});

describe("What is done about what a quorum said of a quote", () => {
  const view: VouchingView = {
    ...{ time: 1_000n, vouchedAt: 900n, standing: "Holds", disproven: false, answerBy: 0n },
    ...{ demandableUntil: 2_000n, disputableUntil: 3_000n },
  };
  const policy = { after: 50, room: 1 };
  const seen = (judged: "Holds" | "Disproven" | "Undecided", own: OwnWord): Knowledge => ({
    kind: "seen",
    judged,
    own,
  });
  const unseen = { kind: "unseen" } as const;
  const done = (...asked: Parameters<typeof decideVouching>): string => {
    const move = decideVouching(...asked);
    return move.kind === "wait" && move.alarm !== undefined ? `wait: ${move.alarm}` : move.kind;
  };

  it("is a dispute only where the judge says that it is disproven and one's own eyes do not see it true", () => {
    expect(done(view, seen("Disproven", "false"), policy)).to.equal("dispute");
    expect(done(view, seen("Disproven", "unknown"), policy)).to.equal("dispute");
    expect(done(view, seen("Disproven", "true"), policy)).to.equal("wait: vouching-doubtful");
    expect(done(view, seen("Undecided", "false"), policy)).to.equal("wait: vouching-doubtful");
    expect(done(view, seen("Undecided", "unknown"), policy)).to.equal("wait");
    expect(done(view, seen("Holds", "false"), policy)).to.equal("settle");
    expect(done({ ...view, disproven: true }, seen("Disproven", "false"), policy)).to.equal("settle");
    expect(done({ ...view, vouchedAt: 0n }, seen("Disproven", "false"), policy)).to.equal("settle");
    expect(done({ ...view, time: 3_001n }, seen("Undecided", "false"), policy)).to.equal("settle");
  });

  it("is put off to the second in which something can be done, where that is known", () => {
    const untilOf = (...asked: Parameters<typeof decideVouching>): bigint | undefined => {
      const move = decideVouching(...asked);
      return move.kind === "wait" ? move.until : undefined;
    };
    expect(untilOf({ ...view, time: 920n }, unseen, policy)).to.equal(950n);
    expect(untilOf({ ...view, answerBy: 1_200n }, unseen, policy)).to.equal(1_200n);
    expect(untilOf(view, unseen, { ...policy, room: 0 })).to.equal(undefined);
  });

  it("is a demand in time and within the bonds, and an end when nobody has answered", () => {
    expect(done({ ...view, time: 950n }, unseen, policy)).to.equal("wait");
    expect(done({ ...view, time: 951n }, unseen, policy)).to.equal("demand");
    expect(done(view, unseen, { ...policy, room: 0 })).to.equal("wait: quote-unseen");
    expect(done({ ...view, time: 2_000n }, unseen, policy)).to.equal("demand");
    expect(done({ ...view, time: 2_001n }, unseen, policy)).to.equal("wait: quote-unseen");
    expect(done({ ...view, answerBy: 1_000n }, unseen, policy)).to.equal("wait");
    expect(done({ ...view, answerBy: 999n }, unseen, policy)).to.equal("withhold");
    expect(done({ ...view, standing: "Withheld" }, unseen, policy)).to.equal("settle");
    expect(done({ ...view, time: 3_001n }, unseen, policy)).to.equal("settle");
  });
});
