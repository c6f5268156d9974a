import { expect } from "chai";
import type { NetworkConnection } from "hardhat/types/network";

import { ICollateralStore__factory, type ICollateralStore } from "../../../src/bindings.ts";
import { contentsOnChain, rootSerials } from "../../../src/collateral/contents.ts";
import { DOCUMENT_NAMES } from "../../../src/collateral/documents.ts";
import { familyOfQuote } from "../../../src/collateral/family.ts";
import { generationOfQuote } from "../../../src/collateral/issuers.ts";
import { planSubmissions, sendSubmissions } from "../../../src/collateral/plan.ts";
import { isUsable, numberInForce, numbersOf, REDATING_INTERVAL, statusOf } from "../../../src/collateral/status.ts";
import { commitmentsOf, contentsOf } from "../../../src/dcap/contents.ts";
import { InputError } from "../../../src/inputError.ts";
import type { Collateral } from "../../../src/sgx/collateral.ts";
import { deriveKey } from "../../../src/sgx/simulator/keys.ts";
import { createStore } from "../../fixtures/sgx/collateralStore.ts";
import { REPORT_DATA, simulator, TIME } from "../../fixtures/sgx/simulation.ts";

const DAY = 86_400n;
/** The last second of the first set. */
const END = TIME - 3_600n + 30n * DAY;

const isoTime = (time: bigint): string => new Date(Number(time) * 1000).toISOString().replace(".000", "");

const platform = simulator.platform();
const family = familyOfQuote(platform.quote({ reportData: REPORT_DATA }));
const first = platform.collateral();

describe("collateral on chain", () => {
  let connection: NetworkConnection;
  let store: ICollateralStore;

  const place = () => ({ store, fromBlock: 0 });
  const moveTo = async (time: bigint): Promise<void> => connection.networkHelpers.time.increaseTo(time);
  const now = async (): Promise<bigint> => BigInt(await connection.networkHelpers.time.latest());

  async function submit(collateral: Collateral): Promise<string[]> {
    const [signer] = await connection.ethers.getSigners();
    const submissions = await planSubmissions(place(), collateral, await now());
    await sendSubmissions(signer!, submissions);
    return submissions.map(({ document }) => document);
  }

  async function refusalOf(work: Promise<unknown>): Promise<string> {
    return work.then(
      () => expect.fail("nothing was thrown"),
      (error: unknown) => {
        expect(error).to.be.instanceOf(InputError);
        return (error as Error).message;
      },
    );
  }

  beforeEach(async () => {
    const created = await createStore(TIME, simulator.root);
    connection = created.connection;
    const [admin] = await connection.ethers.getSigners();
    store = ICollateralStore__factory.connect(await created.store.getAddress(), admin);
  });
  afterEach(async () => connection.close());

  it("is missing at first, and all of it is planned in the order in which it is taken", async () => {
    const status = await statusOf(place(), family, 17, TIME, first);
    expect(status.documents.map(({ state }) => state)).to.deep.equal(Array(6).fill("missing"));
    expect(isUsable(status, TIME)).to.equal(false);
    expect(await numbersOf(place(), family)).to.deep.equal([]);
    expect(await refusalOf(numberInForce(place(), family, TIME))).to.include("none was ever submitted");
    expect(await submit(first)).to.deep.equal([...DOCUMENT_NAMES]);
  });

  it("is fresh once submitted, with the dates that the documents have, and nothing is submitted twice", async () => {
    await submit(first);
    const status = await statusOf(place(), family, 17, await now(), first);
    expect(status.documents.every(({ state, newer }) => state === "fresh" && newer === undefined)).to.equal(true);
    expect(status.validUntil).to.equal(TIME - 3_600n + 30n * DAY);
    expect(isUsable(status, await now())).to.equal(true);
    expect(await numberInForce(place(), family, await now())).to.equal(17);
    expect(await submit(first)).to.deep.equal([]);
  });

  it("names what the source has newer, and submits just that", async () => {
    await submit(first);
    await moveTo(TIME + 10n * DAY);
    const later = platform.collateral({
      issueDate: TIME + 9n * DAY,
      crlEntries: 129,
      edits: { tcbInfo: (text) => text.replace('"UpToDate"', '"OutOfDate"') },
    });
    const newer = { ...first, tcbInfo: later.tcbInfo, pckCrl: later.pckCrl };
    const status = await statusOf(place(), family, 17, await now(), newer);
    expect(status.documents.filter((each) => each.newer !== undefined)).to.deep.equal([
      { document: "pckCrl", state: "fresh", until: END, newer: TIME + 39n * DAY, isDue: true },
      { document: "tcbInfo", state: "fresh", until: END, newer: TIME + 39n * DAY, isDue: true },
    ]);
    expect(await submit(newer)).to.deep.equal(["pckCrl", "tcbInfo"]);
    expect(await submit(first), "nothing older").to.deep.equal([]);
  });

  it("brings documents that are only dated anew every day, long before the chain's lapse", async () => {
    const dated = ["rootCrl", "pckCrl", "tcbInfo", "qeIdentity"];
    await submit(first);
    const redated = (later: bigint): Collateral => platform.collateral({ issueDate: TIME - 3_600n + later });
    await moveTo(TIME + DAY);
    const { documents } = await statusOf(place(), family, 17, await now(), redated(REDATING_INTERVAL - 1n));
    const newer = documents.filter((each) => each.newer !== undefined);
    expect(newer.map(({ document }) => document)).to.deep.equal(dated);
    expect(newer.some(({ isDue }) => isDue)).to.equal(false);
    expect(await submit(redated(REDATING_INTERVAL - 1n))).to.deep.equal([]);
    for (const days of [1n, 2n, 3n]) {
      await moveTo(TIME + days * DAY + 60n);
      // A daily run comes a little early or late.
      expect(await submit(redated(days * DAY - (days % 2n) * 600n))).to.deep.equal(dated);
    }
  });

  it("finds several keys of a CA, each with its own documents", async () => {
    await submit(first);
    const key = deriveKey("rotation", "another CA key");
    const other = platform.collateral({
      edits: {
        pckCa: (fields) => ({ ...fields, serial: Uint8Array.of(7), publicKey: key.publicKey }),
        pckCrl: (fields) => ({ ...fields, signer: key }),
      },
    });
    const missing = await statusOf(place(), family, 17, await now(), other);
    expect(missing.documents.filter(({ state }) => state === "missing").map(({ document }) => document)).to.deep.equal([
      ...["pckCa", "pckCrl"],
    ]);
    expect(await submit(other)).to.deep.equal(["pckCa", "pckCrl"]);
    expect((await statusOf(place(), family, 17, await now(), first)).generation).to.equal(1);
    expect((await statusOf(place(), family, 17, await now(), other)).generation).to.equal(2);
    expect((await statusOf(place(), family, 17, await now())).generation, "the newest in force").to.equal(2);
    expect(await submit(first)).to.deep.equal([]);
    expect(await generationOfQuote(store, platform.quote({ reportData: REPORT_DATA }))).to.equal(1);
  });

  it("proves certificates against the Root CRL in force, whichever the source has", async () => {
    await submit(first);
    const listing = platform.collateral({
      issueDate: TIME,
      edits: { rootCrl: (list) => ({ ...list, revoked: [Uint8Array.of(1), Uint8Array.of(2)] }) },
    });
    await submit({ ...first, rootCrl: listing.rootCrl });
    expect(await rootSerials(place())).to.deep.equal(["01", "02"]);
    const renewed = platform.collateral({
      edits: {
        pckCa: (fields) => ({ ...fields, serial: Uint8Array.of(9), notBefore: fields.notBefore + REDATING_INTERVAL }),
      },
    });
    expect(await submit(renewed)).to.deep.equal(["pckCa"]);
    const blind = { store, fromBlock: (await connection.ethers.provider.getBlockNumber()) + 1 };
    expect(await refusalOf(rootSerials(blind))).to.include("Root CRL");
  });

  it("goes by the dates of issue, as the store does, not by the ends", async () => {
    await submit(first);
    await moveTo(TIME + DAY);
    const replaced = (issue: bigint, end: bigint) => {
      const edit = (text: string): string =>
        text
          .replace(/"issueDate":"[^"]*"/, `"issueDate":"${isoTime(issue)}"`)
          .replace(/"nextUpdate":"[^"]*"/, `"nextUpdate":"${isoTime(end)}"`);
      return platform.collateral({ edits: { tcbInfo: (text) => edit(text).replace('"UpToDate"', '"OutOfDate"') } });
    };
    const shorter = replaced(TIME, END - DAY);
    expect(await submit({ ...first, tcbInfo: shorter.tcbInfo })).to.deep.equal(["tcbInfo"]);
    const older = replaced(TIME - 1n, END + DAY);
    expect(await submit({ ...first, tcbInfo: older.tcbInfo })).to.deep.equal([]);
  });

  it("is stale after its last second, and says so", async () => {
    await submit(first);
    const until = TIME - 3_600n + 30n * DAY;
    expect(isUsable(await statusOf(place(), family, 17, until), until)).to.equal(true);
    const lapsed = await statusOf(place(), family, 17, until + 1n);
    expect(lapsed.documents.map(({ state }) => state)).to.deep.equal([
      ...["stale", "fresh", "fresh", "stale", "stale", "stale"],
    ]);
    expect(await refusalOf(numberInForce(place(), family, until + 1n))).to.include("number 17 has lapsed");
  });

  it("keeps sets apart by number, and takes the least in force", async () => {
    await submit(first);
    expect(await submit(platform.collateral({ evaluationDataNumber: 18 }))).to.deep.equal(["tcbInfo", "qeIdentity"]);
    expect(await numbersOf(place(), family)).to.deep.equal([17, 18]);
    expect(await numberInForce(place(), family, await now())).to.equal(17);
    await store.setEvaluationFloor(18);
    expect(await numberInForce(place(), family, await now())).to.equal(18);
    const below = await statusOf(place(), family, 17, await now());
    expect(below).to.include({ floor: 18, validUntil: 0n });
  });

  it("is not planned from documents that have lapsed or do not hold yet", async () => {
    const old = platform.collateral({ issueDate: TIME - 40n * DAY });
    expect(await refusalOf(planSubmissions(place(), old, TIME))).to.include("Root CRL lapsed on");
    const ahead = platform.collateral({ issueDate: TIME + DAY });
    expect(await refusalOf(planSubmissions(place(), ahead, TIME))).to.include("is valid from");
  });

  it("gives back the contents that it is committed to, from its own history", async () => {
    await submit(first);
    await moveTo(TIME + 10n * DAY);
    const second = platform.collateral({ issueDate: TIME + 9n * DAY, crlEntries: 129 });
    await submit(second);
    const contents = await contentsOnChain(place(), family, 1, 17);
    expect(contents).to.deep.equal(contentsOf(second));
    const held = await store.collateralOf(0, 1, family.fmspc, family.pceId, 17);
    expect(commitmentsOf(contents)).to.deep.equal({
      revocations: held.revocations,
      tcbLevels: held.tcbLevels,
      qeIdentity: held.qeIdentity,
    });
  });

  /** A contract that hands on to the store what follows the first bytes of its calldata. */
  async function forwarder(skipped: number): Promise<string> {
    const skip = skipped.toString(16).padStart(2, "0");
    const [copy, target] = [`60${skip}36038060${skip}5f37`, (await store.getAddress()).slice(2)];
    const address = connection.ethers.Wallet.createRandom().address;
    await connection.networkHelpers.setCode(address, `0x${copy}5f5f825f5f73${target}5af1602b575f5ffd5b00`);
    return address;
  }

  it("believes a list only in calldata that went straight to the store", async () => {
    const [signer] = await connection.ethers.getSigners();
    const { tx: list } = (await planSubmissions(place(), first, TIME)).find(({ document }) => document === "pckCrl")!;
    const garbage = `${list.data.slice(0, 10)}${"ff".repeat(32)}`;
    const indirect: readonly (readonly [skipped: number, data: string])[] = [
      [0, list.data],
      [36, `${garbage}${list.data.slice(2)}`],
    ];
    for (const [skipped, data] of indirect) {
      const snapshot = await connection.networkHelpers.takeSnapshot();
      const submissions = await planSubmissions(place(), first, await now());
      await sendSubmissions(
        signer!,
        submissions.filter(({ document }) => document !== "pckCrl"),
      );
      const through = await forwarder(skipped);
      const sent = await signer!.sendTransaction({ to: through, data });
      const refusal = await refusalOf(contentsOnChain(place(), family, 1, 17));
      expect(refusal)
        .to.include("does not show the PCK CRL")
        .and.to.include(`${sent.hash} brought it through ${through}`);
      expect(await contentsOnChain(place(), family, 1, 17, first)).to.deep.equal(contentsOf(first));
      const redated = platform.collateral({ issueDate: TIME + 60n });
      await moveTo(TIME + 120n);
      await store.submitCrl(redated.pckCrl);
      expect(await contentsOnChain(place(), family, 1, 17), "a later one went straight").to.deep.equal(
        contentsOf(first),
      );
      await snapshot.restore();
    }
  });

  it("takes contents from documents where its history does not show them, if they are the same", async () => {
    await submit(first);
    const blind = { store, fromBlock: (await connection.ethers.provider.getBlockNumber()) + 1 };
    expect(await refusalOf(contentsOnChain(blind, family, 1, 17))).to.include("PCK CRL");
    expect(await contentsOnChain(blind, family, 1, 17, first)).to.deep.equal(contentsOf(first));
    const others = platform.collateral({ crlEntries: 3 });
    expect(await refusalOf(contentsOnChain(blind, family, 1, 17, others))).to.include("say something else");
  });
});
