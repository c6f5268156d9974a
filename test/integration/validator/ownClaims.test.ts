import { expect } from "chai";
import { Wallet } from "ethers";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { deployAttestedPlatform } from "../../fixtures/dcap/attestedPlatform.ts";
import { withTasks } from "../../fixtures/tasks/taskPlatform.ts";
import { WatchedStage } from "../../fixtures/validator/watchedStage.ts";
import type { Watcher } from "../../fixtures/validator/watcher.ts";
import type { Actor } from "../../fixtures/deployedPlatform.ts";
import { domainOf, signSigningKey } from "../../../src/eip712/index.ts";
import { enumNumber } from "../../../src/enums.ts";
import { Journal } from "../../../src/journal/index.ts";
import { FalseReporting } from "../../../src/validator/reports/reporting.ts";
import { decideReports } from "../../../src/validator/reports/decide.ts";
import type { SignedVerdict } from "../../../src/validator/store/verdicts.ts";
import { chosenKeysIn } from "../../../src/validator/watch/feed.ts";
import { SEAT_TAKEN, SeatTakenError } from "../../../src/validator/guard/seatTaken.ts";
import { recoverOwnClaims } from "../../../src/validator/watch/ownClaims.ts";

const deploy = async () => withTasks(await deployAttestedPlatform({ validators: 10 }));

describe("What the chain has of validators' signatures", () => {
  let platform: Awaited<ReturnType<typeof deploy>>;
  let stage: WatchedStage<typeof platform>;
  let folder: string;
  const signal = new AbortController().signal;

  beforeEach(async () => {
    platform = await deploy();
    stage = await WatchedStage.of(platform);
    folder = mkdtempSync(join(tmpdir(), "claims-"));
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await stage.close();
  });

  const collude = () => platform.validators.slice(0, 7);
  /** A task that a verdict of the colluding quorum has ended, on a node that it vouched for. */
  async function endedTask(quote: Parameters<typeof platform.vouchFor>[1] = {}, judges = collude()) {
    const vouched = await platform.vouchFor(await platform.declare(), { signers: collude(), ...quote });
    const taskId = await platform.taskIn(
      "Submitted",
      await platform.requestOf(vouched.nodeId, [], { demand: enumNumber("AttestationDemand", "Live") }),
    );
    await platform.finalize(taskId, "Valid", judges);
    return { vouched, taskId };
  }
  const open = (actors: readonly Actor[]): Watcher[] => stage.open(actors, {});
  const partsOf = ({ shared }: Watcher, journal: Journal) => {
    const { quorumVerifier, taskEscrow } = platform.book.contracts;
    const domains = {
      quotes: domainOf("QuorumVerifier", platform.chainId, quorumVerifier),
      tasks: domainOf("TaskEscrow", platform.chainId, taskEscrow),
    };
    return { ...shared, journal, seat: { address: shared.own, domains }, failed: () => undefined };
  };

  it("comes into a journal that lacks it, and nothing that the seat has not signed", async () => {
    await endedTask();
    const [signer, other] = open([platform.validators[0]!, platform.validators[9]!]) as [Watcher, Watcher];
    const journal = new Journal(join(folder, "signed"));
    await recoverOwnClaims(partsOf(signer, journal), signal);
    const kinds = journal.entries().map(({ kind }) => kind);
    expect(kinds.sort()).to.deep.equal(["judgement", "quote", "registration", "verdict"]);
    expect(journal.entries().every(({ validator }) => validator === signer.own)).to.equal(true);
    await recoverOwnClaims(partsOf(signer, journal), signal);
    expect(journal.entries()).to.have.lengthOf(4);
    const empty = new Journal(join(folder, "other"));
    await recoverOwnClaims(partsOf(other, empty), signal);
    expect(empty.entries()).to.deep.equal([]);
  });

  it("is known by all keys that the seat has ever chosen, also those that sign no more", async () => {
    const [actor, other] = platform.validators as [Actor, Actor];
    const domain = domainOf("ValidatorSet", platform.chainId, platform.book.contracts.validatorSet);
    const keys = [Wallet.createRandom(), Wallet.createRandom()];
    for (const key of keys) {
      const consent = await signSigningKey(key, domain, actor.address);
      await platform.protocol.validatorSet.connect(actor).setSigningKey(key, consent);
    }
    const [{ shared }] = open([actor]) as [Watcher];
    await shared.feed.sync(signal);
    expect(chosenKeysIn(shared.feed, actor.address)).to.deep.equal(keys.map(({ address }) => address));
    expect(chosenKeysIn(shared.feed, other.address)).to.deep.equal([]);
  });

  it("stops a seat whose journal says otherwise", async () => {
    await endedTask();
    const [signer] = open([platform.validators[0]!]) as [Watcher];
    const [there, here] = ["there", "here"].map((name) => new Journal(join(folder, name))) as [Journal, Journal];
    await recoverOwnClaims(partsOf(signer, there), signal);
    const verdict = there.entries().find(({ kind }) => kind === "verdict")!;
    here.put({ ...verdict, says: { verdict: "Invalid" } });
    const refused = await recoverOwnClaims(partsOf(signer, here), signal).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(SeatTakenError).with.property("exitCode", SEAT_TAKEN);
  });

  it("has those reported, once, that ended a task on a quote that is disproven, and nobody before it is", async () => {
    const lie = { quote: { mrEnclave: `0x${"77".repeat(32)}` as const } };
    const { vouched, taskId } = await endedTask(lie, platform.validators.slice(1, 8));
    const all = open(platform.validators.slice(8));
    const duties = all.map(({ shared }) => new FalseReporting({ ...shared, verdicts: { of: () => [] } }));
    const lookAll = async (): Promise<void> => stage.lookInTurns(all, (_, which) => duties[which]!);
    await lookAll();
    expect(all.flatMap(({ sent }) => sent)).to.have.lengthOf(0);
    await platform.protocol.nodeRegistry.dispute(...platform.disputed(vouched));
    await lookAll();
    const sent = all.flatMap((watcher) => watcher.sent);
    expect(sent.map(({ intention, outcome }) => `${intention.key} ${outcome.kind}`)).to.deep.equal([
      `false signers ${taskId.toString()} mined`,
    ]);
    const { taskEscrow } = platform.protocol;
    const slashed = await taskEscrow.queryFilter(taskEscrow.filters.VerdictSlashed(taskId));
    // The others have lost all that they had for the quote.
    expect(slashed.map(({ args }) => args.validator)).to.deep.equal([platform.validators[7]!.address]);
  });

  it("has those reported, once, of whom only the signature is known, and they lose stake", async () => {
    const lie = { quote: { mrEnclave: `0x${"77".repeat(32)}` as const } };
    const vouched = await platform.vouchFor(await platform.declare(), { signers: collude(), ...lie });
    const demand = enumNumber("AttestationDemand", "Live");
    const taskId = await platform.taskIn("Submitted", await platform.requestOf(vouched.nodeId, [], { demand }));
    const [rash, slandered] = platform.validators.slice(7) as [Actor, Actor];
    const [given] = await platform.signVerdicts(taskId, "Valid", [rash]);
    const signature = String(given!.signature);
    const { taskEscrow, validatorSet, nodeRegistry } = platform.protocol;
    const { resultHash, vouchedAttestation, verdictBy } = await taskEscrow.getTask(taskId);
    const termsHash = await taskEscrow.fixedTermsHashOf(taskId);
    const facts = { taskId, termsHash, resultHash, vouchedAttestation, verdict: "Valid", deadline: verdictBy };
    const kept = [rash, slandered].map(({ address }) => ({ ...facts, validator: address, signature }) as SignedVerdict);
    const all = open(platform.validators.slice(9));
    const duties = all.map(({ shared }) => new FalseReporting({ ...shared, verdicts: { of: () => kept } }));
    const lookAll = async (): Promise<void> => stage.lookInTurns(all, (_, which) => duties[which]!);
    const stakeOf = async ({ address }: Actor): Promise<bigint> => (await validatorSet.getValidator(address)).stake;
    const before = await Promise.all([rash, slandered].map(stakeOf));
    await lookAll();
    expect(
      all.flatMap(({ sent }) => sent),
      "before it is disproven",
    ).to.have.lengthOf(0);
    await nodeRegistry.dispute(...platform.disputed(vouched));
    await lookAll();
    const sent = all.flatMap((watcher) => watcher.sent);
    expect(sent.map(({ intention, outcome }) => `${intention.key} ${outcome.kind}`)).to.deep.equal([
      `false verdict ${taskId.toString()} ${rash.address} mined`,
    ]);
    const slashed = await taskEscrow.queryFilter(taskEscrow.filters.VerdictSlashed(taskId));
    expect(slashed.map(({ args }) => args.validator)).to.deep.equal([rash.address]);
    const after = await Promise.all([rash, slandered].map(stakeOf));
    expect(after[0]! < before[0]!).to.equal(true);
    expect(after[1]).to.equal(before[1]);
    expect(all.flatMap(({ told }) => told.map(({ code }) => code))).to.deep.equal(["false-verdict-reported"]);
  });
});

describe("Whom a validator reports for a false quote", () => {
  const [a, b, c] = ["0x01", "0x02", "0x03"] as [string, string, string];
  const signedBy = (...validators: string[]) =>
    validators.map((validator) => ({ validator, signature: `by ${validator}` }));
  const nothing = { signers: [], signatures: [] };

  it("is each of them by one way, nobody twice, and never itself", () => {
    const facts = { ending: [a, b], signed: signedBy(c, b), slashed: new Set<string>(), own: "0x09" };
    expect(decideReports(facts)).to.deep.equal({ signers: [a, b], signatures: signedBy(c) });
    expect(decideReports({ ...facts, slashed: new Set([a, b, c]) })).to.deep.equal(nothing);
    expect(decideReports({ ...facts, slashed: new Set([a]) }).signers).to.deep.equal([a, b]);
    expect(decideReports({ ...facts, own: c }).signatures).to.deep.equal([]);
    expect(decideReports({ ...facts, ending: [a], own: a }).signers).to.deep.equal([]);
    expect(decideReports({ ...facts, ending: [], signed: [] })).to.deep.equal(nothing);
  });
});
