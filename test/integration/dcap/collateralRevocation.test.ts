import { expect } from "chai";

import { revocationProof } from "../../../src/dcap/revocationTree.ts";
import { IntelName } from "../../../src/sgx/names.ts";
import { VALID_FROM } from "../../../src/sgx/simulator/hierarchy.ts";
import { deriveKey } from "../../../src/sgx/simulator/keys.ts";
import {
  changed,
  collateral,
  createRotatedStore,
  nameOf,
  newKey,
  NOTHING,
  platform,
  processor,
  rootCrlWith,
  serialBytesOf,
  serialNumberOf,
  type RotatedStore,
} from "../../fixtures/dcap/rotatedStore.ts";
import { PckCa } from "../../fixtures/sgx/collateralStore.ts";
import { TIME } from "../../fixtures/sgx/simulation.ts";

/** The most gas that a transaction may have (EIP-7825). */
const MOST_GAS = 16_777_216n;
const HOUR = 3_600n;
const DAY = 24n * HOUR;

describe("CollateralStore: the Root CRL revokes issuers and reinstates them", () => {
  let world: RotatedStore;

  before(async () => {
    world = await createRotatedStore();
  });
  beforeEach(async () => world.restore());
  after(async () => world.connection.close());

  for (const role of ["platform", "processor"] as const) {
    it(`revokes the ${role} CA that the Root CRL lists, and no other, until a newer list leaves it out`, async () => {
      const { store, submit } = world;
      const [ca, other] = [PckCa[role], PckCa[role === "platform" ? "processor" : "platform"]];
      const set = role === "platform" ? collateral : processor.collateral();
      const name = nameOf(role === "platform" ? IntelName.platformCa : IntelName.processorCa);
      const [before, beforeOther] = [await world.held(ca), await world.held(other)];
      const serial = serialNumberOf(set.pckCa);
      await expect(submit("rootCrl", rootCrlWith([Uint8Array.of(1), serialBytesOf(set.pckCa)], TIME)))
        .to.emit(store, "IssuerRevoked")
        .withArgs(name, 1, serial);
      expect(await world.held(ca)).to.deep.equal({ ...before, validUntil: 0n });
      expect((await world.health(ca)).pckCa).to.equal(0n);
      expect([await store.isCaRevoked(ca, 1), await store.isCaRevoked(other, 1)]).to.deep.equal([true, false]);
      expect(await world.held(other)).to.deep.equal(beforeOther);
      await world.refused(
        "pckCrl",
        (role === "platform" ? platform : processor).collateral({ issueDate: TIME }),
        "CollateralStoreMissingIssuer",
        name,
      );
      await world.refused("pckCa", set, "CollateralStoreRevoked", serial);

      await expect(submit("rootCrl", rootCrlWith([Uint8Array.of(1)], TIME + 1n), TIME + 100n))
        .to.emit(store, "IssuerReinstated")
        .withArgs(name, 1, serial);
      expect(await store.isCaRevoked(ca, 1)).to.equal(false);
      expect([await world.held(ca), await world.held(other)]).to.deep.equal([before, beforeOther]);
    });
  }

  it("takes a key's other certificate while the first is revoked, and another key's", async () => {
    const { store, submit } = world;
    const before = await world.held();
    await submit("rootCrl", rootCrlWith([serialBytesOf(collateral.pckCa)], TIME));
    const another = changed("pckCa", { ...newKey, notBefore: VALID_FROM });
    await world.fill(another, ["pckCa", "pckCrl"]);
    expect((await world.held()).validUntil).to.equal(0n);
    expect((await world.held(PckCa.platform, 2)).validUntil).to.equal(before.validUntil);
    expect([await store.isCaRevoked(PckCa.platform, 1), await store.isCaRevoked(PckCa.platform, 2)]).to.deep.equal([
      ...[true, false],
    ]);
    await submit("pckCa", changed("pckCa", { serial: Uint8Array.of(9) }));
    expect(await world.held()).to.deep.equal(before);
    expect(await store.isCaRevoked(PckCa.platform, 1)).to.equal(false);
  });

  it("revokes the TCB Signing key that the Root CRL lists with all that it signed, until it is left out", async () => {
    const { store, submit } = world;
    const serial = serialNumberOf(collateral.tcbSigning);
    const before = [await world.held(), await world.held(PckCa.processor)];
    await expect(submit("rootCrl", rootCrlWith([serialBytesOf(collateral.tcbSigning)], TIME)))
      .to.emit(store, "IssuerRevoked")
      .withArgs(nameOf(IntelName.tcbSigning), 1, serial);
    for (const ca of [PckCa.platform, PckCa.processor]) {
      expect(await world.held(ca)).to.deep.include({ validUntil: 0n, tcbLevels: NOTHING, qeIdentity: NOTHING });
      expect(await world.health(ca)).to.deep.include({ tcbSigning: 0n, tcbInfo: 0n, qeIdentity: 0n });
    }
    const fresh = platform.collateral({ issueDate: TIME });
    for (const name of ["tcbInfo", "qeIdentity"] as const) {
      await world.refused(name, fresh, "CollateralStoreMissingIssuer", nameOf(IntelName.tcbSigning));
    }
    await world.refused("tcbSigning", collateral, "CollateralStoreRevoked", serial);
    // Documents of another key take the place of those that do not count, though they are older.
    const snapshot = await world.networkHelpers.takeSnapshot();
    await world.fill(changed("tcbSigning", newKey, { issueDate: TIME - 5n * HOUR }), [
      ...(["tcbSigning", "tcbInfo", "qeIdentity"] as const),
    ]);
    expect((await world.held()).validUntil).to.equal(TIME - 5n * HOUR + 30n * DAY);
    await snapshot.restore();
    await submit("rootCrl", rootCrlWith([], TIME + 1n), TIME + 100n);
    expect([await world.held(), await world.held(PckCa.processor)]).to.deep.equal(before);
  });

  it("ends all three at once, and tells each once", async () => {
    const serials = [collateral.pckCa, processor.collateral().pckCa, collateral.tcbSigning].map(serialBytesOf);
    const response = await world.submit("rootCrl", rootCrlWith([...serials, ...serials], TIME));
    const events = await world.store.queryFilter(world.store.filters.IssuerRevoked(), response.blockNumber!);
    expect(events.map(({ args }) => args.subject)).to.deep.equal(
      [IntelName.platformCa, IntelName.processorCa, IntelName.tcbSigning].map(nameOf),
    );
    const { pckCa, tcbSigning } = await world.health();
    expect([pckCa, tcbSigning, (await world.health(PckCa.processor)).pckCa]).to.deep.equal([0n, 0n, 0n]);
  });

  it("brings the dates of a newer Root CRL to both CAs", async () => {
    const short = platform.collateral({ issueDate: TIME, nextUpdate: TIME + DAY });
    await world.submit("rootCrl", short);
    for (const ca of [PckCa.platform, PckCa.processor]) expect((await world.held(ca)).validUntil).to.equal(TIME + DAY);
    await world.submit("rootCrl", rootCrlWith([], TIME + 1n), TIME + 100n);
    for (const ca of [PckCa.platform, PckCa.processor]) {
      expect((await world.held(ca)).validUntil).to.equal(TIME - HOUR + 30n * DAY);
    }
  });

  const crowdOf = (count: number): Uint8Array[] =>
    Array.from({ length: count }, (_, i) => Uint8Array.of(1, i >> 8, i & 0xff, ...new Uint8Array(17)));

  it("takes a Root CRL of 700 new serial numbers in one transaction, and both CAs go on", async () => {
    const crowd = crowdOf(700);
    const receipt = await (await world.submit("rootCrl", rootCrlWith(crowd, TIME))).wait();
    expect(receipt!.gasUsed < MOST_GAS / 8n, receipt!.gasUsed.toString()).to.equal(true);
    for (const ca of [PckCa.platform, PckCa.processor]) expect((await world.held(ca)).validUntil).not.to.equal(0n);
    await world.submit("pckCa", changed("pckCa", newKey));
    const listed = changed("pckCa", { publicKey: deriveKey("rotation", "listed").publicKey, serial: crowd[699]! });
    await expect(world.submit("pckCa", listed)).to.be.revertedWithCustomError(world.store, "CollateralStoreRevoked");
  });

  it("takes the longest Root CRL that can be read in one transaction, and none that is longer", async () => {
    const longest = rootCrlWith(crowdOf(4_900), TIME);
    expect(longest.rootCrl.length).to.be.within(250_000, 262_144);
    const receipt = await (await world.store.submitCrl(longest.rootCrl, { gasLimit: MOST_GAS })).wait();
    expect(receipt!.gasUsed < MOST_GAS, receipt!.gasUsed.toString()).to.equal(true);
    const longer = rootCrlWith(crowdOf(5_100), TIME + 1n).rootCrl;
    await expect(world.store.submitCrl(longer, { gasLimit: MOST_GAS }))
      .to.be.revertedWithCustomError(world.store, "X509TooLong")
      .withArgs(longer.length, 262_144n);
  });

  it("takes a certificate only with its bucket of the Root CRL in force", async () => {
    const { store } = world;
    const der = changed("pckCa", newKey).pckCa;
    const proof = (serials: readonly string[], serial = "07"): [Uint8Array, Uint8Array] => {
      const { bucket, siblings } = revocationProof(serials, serial);
      return [bucket, siblings];
    };
    await world.submit("rootCrl", rootCrlWith([Uint8Array.of(7)], TIME));
    // Neither what the list before had, nor another bucket, hides it.
    for (const shown of [proof([]), proof(["07"], "08")]) {
      await expect(store.submitCertificate(der, ...shown)).to.be.revertedWithCustomError(
        store,
        "CollateralStoreWrongRevocations",
      );
    }
    const [bucket, siblings] = proof(["07"]);
    await expect(store.submitCertificate(der, bucket, siblings))
      .to.be.revertedWithCustomError(store, "CollateralStoreRevoked")
      .withArgs(7n);
    await expect(store.submitCertificate(der, bucket.subarray(1), siblings))
      .to.be.revertedWithCustomError(store, "RevocationTreeBucketLength")
      .withArgs(19n);
    await expect(store.submitCertificate(der, bucket, siblings.subarray(1)))
      .to.be.revertedWithCustomError(store, "RevocationTreeSiblingsLength")
      .withArgs(127n);
  });
});
