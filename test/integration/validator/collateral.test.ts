import { expect } from "chai";
import { hexlify } from "ethers";

import { deployAttestedPlatform, type AttestedPlatform } from "../../fixtures/dcap/attestedPlatform.ts";
import { WatchedStage } from "../../fixtures/validator/watchedStage.ts";
import type { Shown, Watcher } from "../../fixtures/validator/watcher.ts";
import { RefusedError } from "../../../src/chain/sending/errors.ts";
import type { Sender } from "../../../src/chain/sending/sender.ts";
import type { PlatformFamily } from "../../../src/collateral/family.ts";
import { CollateralNotTakenError } from "../../../src/collateral/submit.ts";
import { InputError } from "../../../src/inputError.ts";
import type { CollateralOptions } from "../../../src/sgx/simulator/options.ts";
import { familiesInUse } from "../../../src/validator/collateral/families.ts";
import { CollateralKeeping } from "../../../src/validator/collateral/keeping.ts";
import { expiryAlarm } from "../../../src/validator/collateral/expiry.ts";
import { decideRecheck, type RecheckView } from "../../../src/validator/rechecks/decide.ts";

const DAY = 86_400;

describe("Validators that keep Intel's documents fresh and judge nodes again by them", () => {
  let stage: WatchedStage<AttestedPlatform>;
  let platform: AttestedPlatform;
  before(async () => {
    platform = await deployAttestedPlatform({ validators: 3 });
    stage = await WatchedStage.of(platform);
  });
  after(async () => stage.close());
  afterEach(async () => stage.reset());

  const open = (shown: Shown): Watcher[] => stage.open(platform.validators, shown);
  const usual = (options: CollateralOptions = {}, age = 3_600n) =>
    platform.simulator.platform().collateral({ issueDate: platform.simulator.time - age, ...options });
  const sentBy = (all: readonly Watcher[]): string[] =>
    all.flatMap(({ sent }) =>
      sent.map(({ intention, outcome }) => `${intention.key.split(" ").slice(0, 3).join(" ")} ${outcome.kind}`),
    );
  const lookAll = async (all: readonly Watcher[], duty: "keeping" | "rechecks"): Promise<void> =>
    stage.lookInTurns(all, (watcher) => watcher[duty]);

  it("bring what the chain lacks, each document once, in turn", async () => {
    await platform.vouchFor(await platform.declare());
    const all = open({ intels: usual() });
    await lookAll(all, "keeping");
    const documents = ["rootCrl", "pckCa", "tcbSigning", "pckCrl", "tcbInfo", "qeIdentity"];
    expect(sentBy(all).map((each) => each.split(" ")[1])).to.deep.equal(documents);
    expect(all.filter(({ sent }) => sent.length > 0)).to.have.lengthOf(1);
    expect(all.flatMap(({ codes }) => codes())).to.deep.equal([]);
  });

  it("know a platform's family by the quote that a node was attested with, where it is at hand", async () => {
    const vouched = await platform.vouchFor(await platform.declare(), { platform: { pceId: "0x0001" } });
    const [watcher] = open({});
    const { shared } = watcher!;
    await shared.feed.sync(new AbortController().signal);
    shared.attestations.refresh();
    const idsBy = async (quote: string | undefined): Promise<string[]> => {
      const quotes = { quoteOf: () => quote };
      return (await familiesInUse({ ...shared, quotes })).map(({ pceId }) => pceId);
    };
    expect(await idsBy(hexlify(vouched.quote))).to.deep.equal(["0x0001"]);
    expect(await idsBy(undefined)).to.deep.equal(["0x0000"]);
    expect(await idsBy("0x1234"), "no quote at all").to.deep.equal(["0x0000"]);
  });

  it("ask for no family of which there is no live node", async () => {
    await platform.declare();
    const all = open({ intels: usual() });
    await lookAll(all, "keeping");
    expect(sentBy(all)).to.deep.equal([]);
  });

  it("alarm that what the chain has lapses, where the source has nothing newer or does not answer", async () => {
    await platform.submit(usual());
    const nodeId = await platform.declare();
    await platform.attestOnChain(nodeId, platform.simulator.platform());
    const [watcher] = open({ intels: usual() });
    await watcher!.look(watcher!.keeping);
    expect(watcher!.codes()).to.deep.equal([]);
    await platform.travelTo((await platform.now()) + 28 * DAY);
    // The node has lapsed with its collateral by then: another one of the family is vouched for.
    const { validUntil } = await platform.protocol.nodeRegistry.getNode(nodeId);
    expect(Number(validUntil) - (await platform.now())).to.be.lessThan(3 * DAY);
    watcher!.shared.isDry = true;
    await watcher!.look(watcher!.keeping);
    expect(watcher!.codes().map((code) => code.split(" ")[0])).to.deep.equal(["collateral-expiring"]);
  });

  it("suspend a node whose platform is revoked and lift that again, one transaction each", async () => {
    await platform.submit(usual());
    const nodeId = await platform.declare();
    await platform.attestOnChain(nodeId, platform.simulator.platform());
    const vouchedId = await platform.declare();
    const other = { name: "other" };
    const { quote } = await platform.vouchFor(vouchedId, { platform: other });
    const all = open({ quote: hexlify(quote) });
    await lookAll(all, "rechecks");
    expect(sentBy(all)).to.deep.equal([]);
    await platform.submit(usual({ flaw: "pckRevoked" }, 1_800n));
    await lookAll(all, "rechecks");
    expect(sentBy(all)).to.deep.equal([`recheck ${nodeId.toString()} suspend mined`]);
    expect((await platform.protocol.nodeRegistry.standingOf(nodeId)).suspendedSince).to.not.equal(0n);
    expect((await platform.protocol.nodeRegistry.standingOf(vouchedId)).suspendedSince).to.equal(0n);
    await platform.submit(usual({}, 900n));
    await lookAll(all, "rechecks");
    expect(sentBy(all).sort()).to.deep.equal([
      `recheck ${nodeId.toString()} lift mined`,
      `recheck ${nodeId.toString()} suspend mined`,
    ]);
    expect((await platform.protocol.nodeRegistry.standingOf(nodeId)).suspendedSince).to.equal(0n);
    expect(all.flatMap(({ told }) => told.map(({ code }) => code))).to.deep.equal(["platform-revoked"]);
  });

  it("suspend a node that a quorum vouched for by the quote that its gateway shows, and say where nobody shows it", async () => {
    await platform.submit(usual());
    const nodeId = await platform.declare();
    const { quote } = await platform.vouchFor(nodeId);
    await platform.submit(usual({ flaw: "pckRevoked" }, 1_800n));
    const shown: Shown = {};
    const all = open(shown);
    await lookAll(all, "rechecks");
    expect(sentBy(all)).to.deep.equal([]);
    expect(all.map(({ codes }) => codes())).to.deep.equal(
      Array(3).fill([`recheck-impossible node ${nodeId.toString()}`]),
    );
    shown.quote = hexlify(quote);
    for (const { clock } of all) clock.now += 3_600_000;
    await lookAll(all, "rechecks");
    expect(sentBy(all)).to.deep.equal([`recheck ${nodeId.toString()} suspend mined`]);
    expect(all.flatMap(({ codes }) => codes())).to.deep.equal([]);
  });

  it("bring what the chain takes where it refuses one document, and say which", async () => {
    await platform.vouchFor(await platform.declare());
    const [watcher] = open({ intels: usual() });
    const { shared } = watcher!;
    const taken: string[] = [];
    const sender: Sender = {
      ...shared.sender,
      send: async (intention) => {
        const [, document = ""] = intention.key.split(" ");
        if (document === "pckCrl") throw new RefusedError("The chain refuses the transaction");
        const outcome = await shared.sender.send(intention);
        taken.push(document);
        return outcome;
      },
    };
    const keeping = new CollateralKeeping({
      ...shared,
      sender,
      source: { fetch: async () => Promise.resolve(usual()) },
    });
    const error: unknown = await watcher!.look(keeping).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(CollateralNotTakenError);
    expect((error as Error).message).to.match(/did not take pckCrl \(The chain refuses the transaction\)$/);
    expect(taken).to.deep.equal(["rootCrl", "pckCa", "tcbSigning", "tcbInfo", "qeIdentity"]);
  });

  it("bring one family's documents where another's cannot be had", async () => {
    const other = await platform.vouchFor(await platform.declare(), { platform: { name: "other", pceId: "0x0001" } });
    const vouched = await platform.vouchFor(await platform.declare());
    const [watcher] = open({});
    const { shared } = watcher!;
    const shown = new Map([other, vouched].map(({ nodeId, quote }) => [nodeId, hexlify(quote)]));
    const quotes = { quoteOf: (nodeId: bigint) => shown.get(nodeId) };
    const fetch = async ({ pceId }: PlatformFamily) =>
      pceId === "0x0001" ? Promise.reject(new Error("a fault")) : Promise.resolve(usual());
    const keeping = new CollateralKeeping({ ...shared, quotes, source: { fetch } });
    const error: unknown = await watcher!.look(keeping).catch((reason: unknown) => reason);
    expect((error as Error).message).to.equal("a fault");
    expect(watcher!.sent.map(({ intention }) => intention.key.split(" ")[1])).to.include.members(["tcbInfo"]);
  });

  it("go on where Intel's server does not answer", async () => {
    await platform.vouchFor(await platform.declare());
    const [watcher] = open({});
    const source = { fetch: async () => Promise.reject(new InputError("no answer", "try again")) };
    await watcher!.look(new CollateralKeeping({ ...watcher!.shared, source }));
    expect(watcher!.codes().map((code) => code.split(" ")[0])).to.deep.equal([
      "collateral-expiring",
      "collateral-unavailable",
    ]);
  });
});

describe("What a recheck is sent for", () => {
  const view: RecheckView = {
    ...{ time: 100n, hasEnded: false, suspendedSince: 0n, endableAt: 0n },
    ...({ standing: "Holds", tcbStatus: "UpToDate" } as const),
  };
  const suspended = { suspendedSince: 10n, endableAt: 100n };
  const cases: readonly (readonly [string, Partial<RecheckView>, ReturnType<typeof decideRecheck>])[] = [
    ["nothing where all is well", {}, undefined],
    ["a suspension", { standing: "Revoked", tcbStatus: "None" }, "suspend"],
    ["a suspension for a level that is revoked", { tcbStatus: "Revoked" }, "suspend"],
    ["an end, from its second on", { standing: "Revoked", ...suspended }, "end"],
    ["nothing before the end's second", { standing: "Revoked", ...suspended, time: 99n }, undefined],
    ["the end of a suspension", suspended, "lift"],
    ["the end of the suspension of a node that has ended", { ...suspended, hasEnded: true }, "lift"],
    ["nothing where a revoked node has ended", { standing: "Revoked", ...suspended, hasEnded: true }, undefined],
    ["nothing of what is undecided", { standing: "Undecided", tcbStatus: "None", ...suspended }, undefined],
    ["nothing that stays revoked by its level", { tcbStatus: "Revoked", ...suspended, time: 99n }, undefined],
  ];
  for (const [what, change, expected] of cases) {
    it(`is ${what}`, () => {
      expect(decideRecheck({ ...view, ...change })).to.equal(expected);
    });
  }
});

describe("The alarm that collateral lapses", () => {
  const family = { ca: "platform", fmspc: "0x00606a000000", pceId: "0x0000" } as const;
  const now = 1_800_000_000n;
  const severity = (until: bigint) => expiryAlarm(family, until, now)?.severity;

  it("comes three days before, and is critical once it has lapsed or lacks", () => {
    expect([3n * 86_400n + 1n, 3n * 86_400n, 0n, -1n].map((left) => severity(now + left))).to.deep.equal([
      ...[undefined, "warning", "warning", "critical"],
    ]);
    expect(severity(0n)).to.equal("critical");
  });
});
