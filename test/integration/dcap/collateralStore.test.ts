import { expect } from "chai";

import { DOCUMENT_NAMES, halvesOf, type DocumentName } from "../../../src/collateral/documents.ts";
import { fromHex, keccak256, toHex, utf8 } from "../../../src/sgx/bytes.ts";
import { parseCertificate } from "../../../src/sgx/certificate.ts";
import type { Collateral } from "../../../src/sgx/collateral.ts";
import { parseCrl } from "../../../src/sgx/crl.ts";
import { IntelName } from "../../../src/sgx/names.ts";
import { parseQeIdentity } from "../../../src/sgx/qeIdentity.ts";
import { dateText, USUAL_TCB_LEVELS } from "../../../src/sgx/simulator/documents.ts";
import type { CollateralEdits } from "../../../src/sgx/simulator/edits.ts";
import { VALID_UNTIL } from "../../../src/sgx/simulator/hierarchy.ts";
import { parseTcbInfo } from "../../../src/sgx/tcbInfo.ts";
import { verifyCollateral } from "../../../src/sgx/verifyCollateral.ts";
import {
  commitmentTo,
  createStore,
  packQeIdentity,
  packTcbLevels,
  PckCa,
  revocationRoot,
} from "../../fixtures/sgx/collateralStore.ts";
import { simulator, TIME } from "../../fixtures/sgx/simulation.ts";

const nameOf = (name: Uint8Array): string => keccak256(name);
const withEnd =
  (time: bigint) =>
  (text: string): string =>
    text.replace(/"nextUpdate":"[^"]*"/, `"nextUpdate":"${dateText(time)}"`);
const serialOf = (der: Uint8Array): bigint => BigInt(`0x${parseCertificate(der).serial}`);

describe("CollateralStore: what it takes", () => {
  const platform = simulator.platform();
  const collateral = platform.collateral();
  let world: Awaited<ReturnType<typeof createStore>>;
  let restore: () => Promise<void>;

  const of = (number = 17, ca = PckCa.platform) => [ca, 1, platform.fmspc, platform.pceId, number] as const;
  const validUntil = async (number?: number, ca?: number): Promise<bigint> =>
    (await world.store.collateralOf(...of(number, ca))).validUntil;

  before(async () => {
    world = await createStore(TIME, simulator.root);
    const snapshot = await world.networkHelpers.takeSnapshot();
    restore = () => snapshot.restore();
  });

  beforeEach(async () => {
    await restore();
  });

  /** Fills in what comes before a document. */
  const fillUpTo = async (name: DocumentName, from: Collateral = collateral): Promise<void> =>
    world.fill(from, DOCUMENT_NAMES.slice(0, DOCUMENT_NAMES.indexOf(name)));

  it("holds nothing at first", async () => {
    expect(await world.store.rootKey()).to.deep.equal([simulator.root.slice(0, 66), `0x${simulator.root.slice(66)}`]);
    expect(await world.store.caKeyOf(PckCa.platform, 1)).to.deep.equal([
      `0x${"00".repeat(32)}`,
      `0x${"00".repeat(32)}`,
    ]);
    expect(await validUntil()).to.equal(0n);
    expect(await world.store.healthOf(...of())).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n, 1n]);
  });

  it("takes a set in the documented order, emits its events, and holds to the soonest end", async () => {
    const { store, submit } = world;
    const { pckCa, rootCrl, tcbInfo, qeIdentity } = collateral;
    const pckCrl = parseCrl(collateral.pckCrl);
    const ca = parseCertificate(pckCa);
    const [info, identity] = [parseTcbInfo(tcbInfo.text), parseQeIdentity(qeIdentity.text)];
    const root = parseCrl(rootCrl);
    await expect(submit("rootCrl", collateral))
      .to.emit(store, "CrlStored")
      .withArgs(nameOf(IntelName.root), 0, root.thisUpdate, root.nextUpdate, revocationRoot([]), 0n);
    await expect(submit("pckCa", collateral))
      .to.emit(store, "CertificateStored")
      .withArgs(nameOf(IntelName.platformCa), 1, serialOf(pckCa), VALID_UNTIL);
    await expect(submit("tcbSigning", collateral))
      .to.emit(store, "CertificateStored")
      .withArgs(nameOf(IntelName.tcbSigning), 1, serialOf(collateral.tcbSigning), VALID_UNTIL);
    const revocations = revocationRoot(pckCrl.revoked);
    await expect(submit("pckCrl", collateral))
      .to.emit(store, "CrlStored")
      .withArgs(nameOf(IntelName.platformCa), 1, pckCrl.thisUpdate, pckCrl.nextUpdate, revocations, 44n);
    const levels = packTcbLevels(info);
    await expect(submit("tcbInfo", collateral))
      .to.emit(store, "TcbInfoStored")
      .withArgs(info.fmspc, info.pceId, 17, info.issueDate, info.nextUpdate, levels);
    expect(await validUntil()).to.equal(0n);
    const contents = packQeIdentity(identity);
    await expect(submit("qeIdentity", collateral))
      .to.emit(store, "QeIdentityStored")
      .withArgs(17, identity.issueDate, identity.nextUpdate, contents);

    const end = verifyCollateral(collateral, simulator.root, TIME).validUntil;
    const held = [revocations, commitmentTo(levels), commitmentTo(contents), end];
    expect(await store.collateralOf(...of())).to.deep.equal(held);
    const key = toHex(ca.publicKey);
    expect(await store.caKeyOf(PckCa.platform, 1)).to.deep.equal([key.slice(0, 66), `0x${key.slice(66)}`]);
    expect(await store.caKeyOf(PckCa.processor, 1)).to.deep.equal([`0x${"00".repeat(32)}`, `0x${"00".repeat(32)}`]);
    expect(await store.healthOf(...of())).to.deep.equal([
      root.nextUpdate,
      VALID_UNTIL,
      VALID_UNTIL,
      pckCrl.nextUpdate,
      info.nextUpdate,
      identity.nextUpdate,
      1n,
    ]);
  });

  it("holds the same whatever comes first among what does not build on each other", async () => {
    for (const name of ["rootCrl", "tcbSigning", "qeIdentity", "tcbInfo", "pckCa", "pckCrl"] as const) {
      await world.submit(name, collateral);
    }
    expect(await validUntil()).to.equal(verifyCollateral(collateral, simulator.root, TIME).validUntil);
  });

  it("says which document ends first", async () => {
    const days = (count: bigint): bigint => TIME + count * 86_400n;
    const ends: Readonly<Record<string, CollateralEdits>> = {
      rootCrl: { rootCrl: (list) => ({ ...list, nextUpdate: days(3n) }) },
      pckCrl: { pckCrl: (list) => ({ ...list, nextUpdate: days(4n) }) },
      pckCa: { pckCa: (fields) => ({ ...fields, notAfter: days(5n) }) },
      tcbSigning: { tcbSigning: (fields) => ({ ...fields, notAfter: days(6n) }) },
      tcbInfo: { tcbInfo: withEnd(days(7n)) },
      qeIdentity: { qeIdentity: withEnd(days(8n)) },
    };
    for (const [i, [name, edits]] of Object.entries(ends).entries()) {
      await restore();
      await world.fill(platform.collateral({ edits }));
      expect(await validUntil(), name).to.equal(days(BigInt(i + 3)));
    }
  });

  it("keeps the Processor CA's documents beside the Platform CA's", async () => {
    const processor = simulator.platform({ ca: "processor" }).collateral({ crlEntries: 3 });
    await world.fill(collateral);
    await world.fill(processor, ["pckCa", "pckCrl"]);
    const held = await world.store.collateralOf(...of(17, PckCa.processor));
    expect(held.revocations).to.equal(revocationRoot(parseCrl(processor.pckCrl).revoked));
    expect(held.validUntil).to.equal(await validUntil());
    expect(held.validUntil).not.to.equal(0n);
  });

  it("keeps documents by number, so that an early set replaces nothing", async () => {
    const early = platform.collateral({ evaluationDataNumber: 18, tcbLevels: USUAL_TCB_LEVELS.slice(0, 3) });
    await world.fill(collateral);
    const before = await world.store.collateralOf(...of(17));
    await world.fill(early, ["tcbInfo"]);
    expect(await validUntil(18)).to.equal(0n);
    await world.fill(early, ["qeIdentity"]);
    expect(await world.store.collateralOf(...of(17))).to.deep.equal(before);
    const held = await world.store.collateralOf(...of(18));
    expect(held.validUntil).to.equal(before.validUntil);
    expect(held.tcbLevels).not.to.equal(before.tcbLevels);
    // Another family or PCE has TCB info of its own.
    expect((await world.store.collateralOf(0, 1, "0x112233445566", platform.pceId, 17)).validUntil).to.equal(0n);
    expect((await world.store.collateralOf(0, 1, platform.fmspc, "0x0001", 17)).validUntil).to.equal(0n);
  });

  describe("the floor", () => {
    it("leaves numbers below it out, for both CAs", async () => {
      await world.fill(collateral);
      await world.fill(simulator.platform({ ca: "processor" }).collateral(), ["pckCa", "pckCrl"]);
      const [before, beforeProcessor] = [await validUntil(), await validUntil(17, PckCa.processor)];
      await expect(world.store.setEvaluationFloor(17)).to.emit(world.store, "EvaluationFloorSet").withArgs(17);
      expect([await validUntil(), await validUntil(17, PckCa.processor)]).to.deep.equal([before, beforeProcessor]);
      await world.store.setEvaluationFloor(18);
      expect(await world.store.evaluationFloor()).to.equal(18n);
      expect([await validUntil(), await validUntil(17, PckCa.processor)]).to.deep.equal([0n, 0n]);
      expect((await world.store.healthOf(...of())).floor).to.equal(18n);
    });

    it("is never 0", async () => {
      await expect(world.store.setEvaluationFloor(0))
        .to.be.revertedWithCustomError(world.store, "CollateralStoreInvalidFloor")
        .withArgs(0);
      await world.store.setEvaluationFloor(2);
      await world.store.setEvaluationFloor(1);
      expect(await world.store.evaluationFloor()).to.equal(1n);
    });

    it("is governed", async () => {
      const { store, stranger, authority, admin } = world;
      await expect(store.connect(stranger).setEvaluationFloor(18))
        .to.be.revertedWithCustomError(store, "AccessManagedUnauthorized")
        .withArgs(stranger.address);
      // And so delayed: a role with a delay has to schedule first.
      await authority.setTargetFunctionRole(store, [store.interface.getFunction("setEvaluationFloor").selector], 5n);
      await authority.grantRole(5n, admin, 3600);
      await expect(store.setEvaluationFloor(18)).to.be.revert(world.ethers);
    });
  });

  it("takes both signs of a signature", async () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    await fillUpTo("tcbInfo");
    const [r, s] = halvesOf(collateral.tcbInfo);
    const flipped = `0x${(order - BigInt(s)).toString(16).padStart(64, "0")}`;
    await world.store.submitTcbInfo(utf8(collateral.tcbInfo.text), r, flipped);
    expect(fromHex(flipped)).not.to.deep.equal(fromHex(s));
  });

  it("stays below its gas figures, with documents as large as the real ones", async () => {
    const large = platform.collateral({ crlEntries: 129 });
    const limits = {
      rootCrl: 120_000,
      pckCa: 120_000,
      tcbSigning: 130_000,
      pckCrl: 380_000,
      tcbInfo: 450_000,
      qeIdentity: 200_000,
    };
    for (const name of DOCUMENT_NAMES) {
      const receipt = await (await world.submit(name, large)).wait();
      expect(receipt!.gasUsed <= BigInt(limits[name]), `${name}: ${receipt!.gasUsed.toString()}`).to.equal(true);
    }
  });
});
