import { expect } from "chai";

import type { Collateral } from "../../../src/sgx/collateral.ts";
import { IntelName } from "../../../src/sgx/names.ts";
import { VALID_FROM, VALID_UNTIL } from "../../../src/sgx/simulator/hierarchy.ts";
import { deriveKey } from "../../../src/sgx/simulator/keys.ts";
import {
  changed,
  collateral,
  createRotatedStore,
  halvesOfKey,
  nameOf,
  newKey,
  NOTHING,
  otherKey,
  platform,
  rootCrlWith,
  type RotatedStore,
} from "../../fixtures/dcap/rotatedStore.ts";
import { PckCa } from "../../fixtures/sgx/collateralStore.ts";
import { TIME } from "../../fixtures/sgx/simulation.ts";

const HOUR = 3_600n;
const DAY = 24n * HOUR;

describe("CollateralStore: keys of one issuer side by side, and what lapses", () => {
  let world: RotatedStore;

  before(async () => {
    world = await createRotatedStore();
  });
  beforeEach(async () => world.restore());
  after(async () => world.connection.close());

  it("renews a certificate of the same key without touching what the key signed", async () => {
    const before = await world.held();
    const renewed = changed("pckCa", { serial: Uint8Array.of(9), notBefore: VALID_FROM + 1n, notAfter: TIME + DAY });
    await expect(world.submit("pckCa", renewed))
      .to.emit(world.store, "CertificateStored")
      .withArgs(nameOf(IntelName.platformCa), 1, 9n, TIME + DAY);
    expect(await world.held()).to.deep.equal({ ...before, validUntil: TIME + DAY });
    // One that begins at the same time is newer if it ends later; else not.
    const longer = { serial: Uint8Array.of(10), notBefore: VALID_FROM + 1n };
    await world.submit("pckCa", changed("pckCa", { ...longer, notAfter: TIME + 2n * DAY }));
    const same = changed("pckCa", { ...longer, serial: Uint8Array.of(11), notAfter: TIME + 2n * DAY });
    await world.refused("pckCa", same, "CollateralStoreNotNewer", TIME + 2n * DAY, TIME + 2n * DAY);
    await world.refused("pckCa", collateral, "CollateralStoreNotNewer", VALID_FROM + 1n, VALID_FROM);
  });

  it("keeps several keys of a CA side by side, each with the list that it signed", async () => {
    const { store, submit } = world;
    const before = await world.held();
    // It need not be newer: both are Intel's word.
    const rotated = changed("pckCa", { ...newKey, notBefore: VALID_FROM, notAfter: VALID_UNTIL - DAY });
    await expect(submit("pckCa", rotated))
      .to.emit(store, "CertificateStored")
      .withArgs(nameOf(IntelName.platformCa), 2, 7n, VALID_UNTIL - DAY);
    expect(await store.caKeyCount(PckCa.platform)).to.equal(2n);
    expect(await store.caKeyOf(PckCa.platform, 2)).to.deep.equal(halvesOfKey(otherKey.publicKey));
    expect(await world.held()).to.deep.equal(before);
    expect(await world.held(PckCa.platform, 2)).to.deep.equal({ ...before, revocations: NOTHING, validUntil: 0n });
    expect((await world.health(PckCa.platform, 2)).pckCrl).to.equal(0n);

    await submit("pckCrl", rotated);
    expect(await world.held(PckCa.platform, 2)).to.deep.equal(before);
    const longer = platform.collateral({ issueDate: TIME, crlEntries: 45 });
    await submit("pckCrl", longer);
    expect((await world.held()).revocations).not.to.equal(before.revocations);
    expect(await world.held(PckCa.platform, 2)).to.deep.equal(before);
    // Either list only gives way to one of its own key.
    await world.refused("pckCrl", collateral, "CollateralStoreNotNewer", TIME, TIME - HOUR);
    await world.refused("pckCrl", rotated, "CollateralStoreNotNewer", TIME - HOUR, TIME - HOUR);
    // The floor and the other CA are the same for all.
    await store.setEvaluationFloor(18);
    for (const generation of [1, 2]) expect((await world.held(PckCa.platform, generation)).validUntil).to.equal(0n);
    await store.setEvaluationFloor(17);
    expect(await world.held(PckCa.processor)).to.deep.include({ validUntil: TIME - HOUR + 30n * DAY });
  });

  it("keeps several keys of TCB Signing side by side, and takes what either signed if it is newer", async () => {
    const before = await world.held();
    const rotated = changed("tcbSigning", { ...newKey, notBefore: VALID_FROM }, { issueDate: TIME });
    await expect(world.submit("tcbSigning", rotated))
      .to.emit(world.store, "CertificateStored")
      .withArgs(nameOf(IntelName.tcbSigning), 2, 7n, VALID_UNTIL);
    expect(await world.held()).to.deep.equal(before);
    await world.fill(rotated, ["tcbInfo", "qeIdentity"]);
    for (const ca of [PckCa.platform, PckCa.processor]) {
      expect(await world.health(ca)).to.deep.include({ tcbInfo: TIME + 30n * DAY, qeIdentity: TIME + 30n * DAY });
    }
    for (const name of ["tcbInfo", "qeIdentity"] as const) {
      await world.refused(name, collateral, "CollateralStoreNotNewer", TIME, TIME - HOUR);
    }
    await world.fill(platform.collateral({ issueDate: TIME + 1n }), ["tcbInfo", "qeIdentity"]);
    expect((await world.health()).tcbInfo).to.equal(TIME + 1n + 30n * DAY);
    // A CA's key that comes later finds the same signers.
    const other = changed("pckCa", newKey);
    await world.fill(other, ["pckCa", "pckCrl"]);
    expect((await world.held(PckCa.platform, 2)).validUntil).to.equal((await world.held()).validUntil);
  });

  it("ends a text with the certificate of its signer", async () => {
    const { store } = world;
    await world.submit("tcbSigning", changed("tcbSigning", { ...newKey, notAfter: TIME + DAY }));
    const signed = changed("tcbSigning", { ...newKey, notAfter: TIME + DAY }, { issueDate: TIME });
    await world.fill(signed, ["qeIdentity"]);
    expect((await world.held()).validUntil).to.equal(TIME + DAY);
    expect((await world.health()).tcbSigning).to.equal(VALID_UNTIL);
    expect(await store.issuerOf(nameOf(IntelName.tcbSigning), ...halvesOfKey(otherKey.publicKey))).to.deep.equal([
      ...[2n, VALID_FROM + 1n, TIME + DAY, false],
    ]);
    await expect(store.issuerOf(nameOf(IntelName.pck), ...halvesOfKey(otherKey.publicKey)))
      .to.be.revertedWithCustomError(store, "CollateralStoreUnknownName")
      .withArgs(nameOf(IntelName.pck));
  });

  it("keeps 15 keys of a subject, and no more", async () => {
    const withKey = (index: number): Collateral =>
      changed("pckCa", {
        publicKey: deriveKey("rotation", `key ${index.toString()}`).publicKey,
        serial: Uint8Array.of(1, index),
      });
    for (let index = 2; index <= 15; index++) await world.submit("pckCa", withKey(index));
    expect(await world.store.caKeyCount(PckCa.platform)).to.equal(15n);
    await world.refused("pckCa", withKey(16), "CollateralStoreTooManyKeys", nameOf(IntelName.platformCa), 15n);
    // A Root CRL still reaches all of them.
    const receipt = await (await world.submit("rootCrl", rootCrlWith([Uint8Array.of(1, 2)], TIME))).wait();
    expect(receipt!.gasUsed < 3_000_000n, receipt!.gasUsed.toString()).to.equal(true);
    expect(await world.store.isCaRevoked(PckCa.platform, 2)).to.equal(true);
  });

  it("lets everything lapse without a revert, and comes back with fresh documents", async () => {
    const { time } = world.networkHelpers;
    const { validUntil } = await world.held();
    await time.increaseTo(validUntil + DAY);
    expect((await world.held()).validUntil).to.equal(validUntil);
    expect((await world.health()).rootCrl).to.equal(validUntil);
    const fresh = platform.collateral({ issueDate: validUntil });
    await world.refused("pckCa", changed("pckCa", newKey), "CollateralStoreMissingIssuer", nameOf(IntelName.root));
    // What a lapsed Root CRL had cleared before may still sign.
    await world.fill(fresh, ["pckCrl", "tcbInfo", "qeIdentity"]);
    expect((await world.held()).validUntil).to.equal(validUntil);
    await world.fill(fresh, ["rootCrl"]);
    expect((await world.held()).validUntil).to.equal(validUntil + 30n * DAY);
  });

  it("lets a lapsed certificate give way to any that holds, and takes nothing in its name before", async () => {
    const short = { serial: Uint8Array.of(9), notBefore: VALID_FROM + 1n, notAfter: TIME + DAY };
    await world.submit("pckCa", changed("pckCa", short));
    await world.submit("tcbSigning", changed("tcbSigning", { ...short, serial: Uint8Array.of(10) }));
    await world.networkHelpers.time.increaseTo(TIME + DAY + 1n);
    const fresh = platform.collateral({ issueDate: TIME + DAY });
    await world.refused("pckCrl", fresh, "CollateralStoreMissingIssuer", nameOf(IntelName.platformCa));
    await world.refused("tcbInfo", fresh, "CollateralStoreMissingIssuer", nameOf(IntelName.tcbSigning));
    await world.refused("qeIdentity", fresh, "CollateralStoreMissingIssuer", nameOf(IntelName.tcbSigning));
    expect((await world.held()).validUntil).to.equal(TIME + DAY);
    await world.fill(collateral, ["pckCa", "tcbSigning"]);
    expect(await world.held()).to.deep.include({ validUntil: TIME - HOUR + 30n * DAY });
  });
});
