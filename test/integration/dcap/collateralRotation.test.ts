import { expect } from "chai";
import type { Result } from "ethers";

import type { DocumentName } from "../../../src/collateral/documents.ts";
import { bytesOfDigits, keccak256, utf8 } from "../../../src/sgx/bytes.ts";
import { parseCertificate } from "../../../src/sgx/certificate.ts";
import type { Collateral } from "../../../src/sgx/collateral.ts";
import { IntelName } from "../../../src/sgx/names.ts";
import type { SignedDocument } from "../../../src/sgx/signedJson.ts";
import { VALID_FROM, VALID_UNTIL } from "../../../src/sgx/simulator/hierarchy.ts";
import { deriveKey, signP256 } from "../../../src/sgx/simulator/keys.ts";
import type { CollateralOptions } from "../../../src/sgx/simulator/options.ts";
import type { CertificateFields } from "../../../src/sgx/simulator/x509.ts";
import { createStore, PckCa } from "../../fixtures/sgx/collateralStore.ts";
import { simulator, TIME } from "../../fixtures/sgx/simulation.ts";

const nameOf = (name: Uint8Array): string => keccak256(name);
const serialOf = (der: Uint8Array): bigint => BigInt(`0x${parseCertificate(der).serial}`);
const serialBytes = (der: Uint8Array): Uint8Array => bytesOfDigits(parseCertificate(der).serial);

/** A struct by its fields alone. */
const fieldsOf = <T extends unknown[]>(struct: T): Omit<T, keyof unknown[]> =>
  (struct as unknown as Result).toObject() as unknown as Omit<T, keyof unknown[]>;

const HOUR = 3_600n;
const DAY = 24n * HOUR;
/** The commitment to a document that there is not. */
const NOTHING = `0x${"00".repeat(16)}`;

describe("CollateralStore: certificates change, lapse and are revoked", () => {
  const platform = simulator.platform();
  const processor = simulator.platform({ ca: "processor" });
  const collateral = platform.collateral();
  const otherKey = deriveKey("rotation", "another key");
  let world: Awaited<ReturnType<typeof createStore>>;
  let restore: () => Promise<void>;

  const of = (ca: number) => [ca, platform.fmspc, platform.pceId, 17] as const;
  const held = async (ca = PckCa.platform) => fieldsOf(await world.store.collateralOf(...of(ca)));
  const health = async (ca = PckCa.platform) => fieldsOf(await world.store.healthOf(...of(ca)));
  const refused = async (name: DocumentName, from: Collateral, error: string, ...args: unknown[]): Promise<void> => {
    await expect(world.submit(name, from), name)
      .to.be.revertedWithCustomError(world.store, error)
      .withArgs(...args);
  };

  before(async () => {
    world = await createStore(TIME, simulator.root);
    await world.fill(collateral);
    await world.fill(processor.collateral(), ["pckCa", "pckCrl"]);
    const snapshot = await world.networkHelpers.takeSnapshot();
    restore = () => snapshot.restore();
  });

  beforeEach(async () => {
    await restore();
  });

  /** The platform's set with one certificate of a changed kind; what its new key signs is signed by it. */
  function changed(
    role: "pckCa" | "tcbSigning",
    fields: Partial<CertificateFields>,
    more: CollateralOptions = {},
  ): Collateral {
    const signer = fields.publicKey === undefined ? undefined : otherKey;
    const sign = ({ text }: SignedDocument): SignedDocument => ({
      text,
      signature: Buffer.from(signP256(otherKey, utf8(text))).toString("hex"),
    });
    return platform.collateral({
      ...more,
      edits: {
        ...more.edits,
        [role]: (certificate: CertificateFields) => ({ ...certificate, ...fields }),
        ...(signer === undefined
          ? {}
          : role === "pckCa"
            ? { pckCrl: (list) => ({ ...list, signer }) }
            : { documents: (all) => ({ ...all, tcbInfo: sign(all.tcbInfo), qeIdentity: sign(all.qeIdentity) }) }),
      },
    });
  }

  const newKey = { publicKey: otherKey.publicKey, serial: Uint8Array.of(7), notBefore: VALID_FROM + 1n };
  const rootCrlWith = (serials: readonly Uint8Array[], issueDate: bigint): Collateral =>
    platform.collateral({ issueDate, edits: { rootCrl: (list) => ({ ...list, revoked: serials }) } });

  it("renews a certificate of the same key without touching what the key signed", async () => {
    const before = await held();
    const renewed = changed("pckCa", { serial: Uint8Array.of(9), notBefore: VALID_FROM + 1n, notAfter: TIME + DAY });
    await expect(world.submit("pckCa", renewed))
      .to.emit(world.store, "CertificateStored")
      .withArgs(nameOf(IntelName.platformCa), 9n, TIME + DAY, false);
    expect(await held()).to.deep.equal({ ...before, validUntil: TIME + DAY });
    // One that begins at the same time is newer if it ends later; else not.
    const longer = { serial: Uint8Array.of(10), notBefore: VALID_FROM + 1n };
    await world.submit("pckCa", changed("pckCa", { ...longer, notAfter: TIME + 2n * DAY }));
    const same = changed("pckCa", { ...longer, serial: Uint8Array.of(11), notAfter: TIME + 2n * DAY });
    await refused("pckCa", same, "CollateralStoreNotNewer", TIME + 2n * DAY, TIME + 2n * DAY);
    await refused("pckCa", collateral, "CollateralStoreNotNewer", VALID_FROM + 1n, VALID_FROM);
  });

  it("takes another CA key only from later on, and forgets what the former signed", async () => {
    const alike = changed("pckCa", { ...newKey, notBefore: VALID_FROM, notAfter: VALID_UNTIL });
    await refused("pckCa", alike, "CollateralStoreNotNewer", VALID_FROM, VALID_FROM);
    const rotated = changed("pckCa", newKey);
    await expect(world.submit("pckCa", rotated))
      .to.emit(world.store, "CertificateStored")
      .withArgs(nameOf(IntelName.platformCa), 7n, VALID_UNTIL, true);
    expect(await held()).to.deep.include({ revocations: NOTHING, validUntil: 0n, caGeneration: 2n });
    expect((await health()).pckCrl).to.equal(0n);
    // The same list again, now by the new key; the former key's counts no more, however new.
    await refused("pckCa", collateral, "CollateralStoreNotNewer", VALID_FROM + 1n, VALID_FROM);
    await expect(world.submit("pckCrl", platform.collateral({ issueDate: TIME }))).to.be.revertedWithCustomError(
      world.store,
      "CollateralStoreWrongSignature",
    );
    await world.submit("pckCrl", rotated);
    expect(await held()).to.deep.include({ validUntil: TIME - HOUR + 30n * DAY, caGeneration: 2n });
    // The other CA is left alone.
    expect(await held(PckCa.processor)).to.deep.include({ caGeneration: 1n, validUntil: TIME - HOUR + 30n * DAY });
  });

  it("takes another TCB Signing key only from later on, and its documents though they are older", async () => {
    const alike = changed("tcbSigning", { ...newKey, notBefore: VALID_FROM });
    await refused("tcbSigning", alike, "CollateralStoreNotNewer", VALID_FROM, VALID_FROM);
    const rotated = changed("tcbSigning", newKey, { issueDate: TIME - 5n * HOUR });
    await world.submit("tcbSigning", rotated);
    for (const ca of [PckCa.platform, PckCa.processor]) {
      expect(await held(ca)).to.deep.include({ validUntil: 0n, tcbLevels: NOTHING, qeIdentity: NOTHING });
    }
    expect(await health()).to.deep.include({ tcbInfo: 0n, qeIdentity: 0n });
    await expect(world.submit("tcbInfo", platform.collateral({ issueDate: TIME }))).to.be.revertedWithCustomError(
      world.store,
      "CollateralStoreWrongSignature",
    );
    // One of the two by the new key does not do, whichever it is.
    for (const name of ["tcbInfo", "qeIdentity"] as const) {
      const snapshot = await world.networkHelpers.takeSnapshot();
      await world.fill(rotated, [name]);
      expect((await held()).validUntil, name).to.equal(0n);
      await snapshot.restore();
    }
    await world.fill(rotated, ["tcbInfo", "qeIdentity"]);
    for (const ca of [PckCa.platform, PckCa.processor]) {
      expect((await held(ca)).validUntil).to.equal(TIME - 5n * HOUR + 30n * DAY);
    }
    // From then on the rule against older ones holds again.
    const older = changed("tcbSigning", newKey, { issueDate: TIME - 6n * HOUR });
    for (const name of ["tcbInfo", "qeIdentity"] as const) {
      await refused(name, older, "CollateralStoreNotNewer", TIME - 5n * HOUR, TIME - 6n * HOUR);
    }
  });

  it("ends a CA that the Root CRL lists, for good", async () => {
    const { store, submit } = world;
    const serial = serialOf(collateral.pckCa);
    const formerKey = await store.caKeyOf(PckCa.platform);
    /** Whether the running key is, by its number and by itself. */
    const isRevoked = async (ca: number, generation: number): Promise<boolean> => {
      const { x, y } = await store.caKeyOf(ca);
      const byKey = await store.isCaKeyRevoked(x, y);
      expect(await store.isCaRevoked(ca, generation)).to.equal(byKey);
      return byKey;
    };
    const isRevokedForGood = async (): Promise<void> => {
      expect(await store.isCaRevoked(PckCa.platform, 1)).to.equal(true);
      expect(await store.isCaKeyRevoked(formerKey.x, formerKey.y)).to.equal(true);
    };
    const revoking = rootCrlWith([Uint8Array.of(1), serialBytes(collateral.pckCa)], TIME);
    await expect(submit("rootCrl", revoking))
      .to.emit(store, "IssuerRevoked")
      .withArgs(nameOf(IntelName.platformCa), serial);
    expect((await held()).validUntil).to.equal(0n);
    await isRevokedForGood();
    expect((await health()).pckCa).to.equal(0n);
    expect((await held(PckCa.processor)).validUntil).to.equal(TIME - HOUR + 30n * DAY);
    expect(await isRevoked(PckCa.processor, 1)).to.equal(false);
    await refused(
      "pckCrl",
      platform.collateral({ issueDate: TIME }),
      "CollateralStoreMissingIssuer",
      nameOf(IntelName.platformCa),
    );
    await refused("pckCa", collateral, "CollateralStoreRevoked", serial);

    // Neither a renewed TCB Signing certificate nor a list that leaves the CA out brings it back.
    await submit("tcbSigning", changed("tcbSigning", { serial: Uint8Array.of(8), notBefore: VALID_FROM + 1n }));
    expect((await held()).validUntil).to.equal(0n);
    await expect(submit("rootCrl", rootCrlWith([], TIME + 1n), TIME + 100n)).not.to.emit(store, "IssuerRevoked");
    expect((await held()).validUntil).to.equal(0n);
    await refused("pckCa", collateral, "CollateralStoreRevoked", serial);
    // Nor does another certificate of the same key.
    const renewed = changed("pckCa", { serial: Uint8Array.of(9), notBefore: VALID_FROM + 1n });
    await refused("pckCa", renewed, "CollateralStoreRevokedKey", formerKey.x, formerKey.y);

    // One of another key does, though it begins no later: the former is out of force. The former key stays revoked.
    const replaced = changed("pckCa", { ...newKey, notBefore: VALID_FROM });
    await submit("pckCa", replaced);
    expect(await held()).to.deep.include({ validUntil: 0n, caGeneration: 2n });
    await submit("pckCrl", replaced);
    expect((await held()).validUntil).not.to.equal(0n);
    await isRevokedForGood();
    expect(await isRevoked(PckCa.platform, 2)).to.equal(false);
  });

  it("ends the TCB Signing certificate that the Root CRL lists, and all that was signed before", async () => {
    const { store, submit } = world;
    const serial = serialOf(collateral.tcbSigning);
    await expect(submit("rootCrl", rootCrlWith([serialBytes(collateral.tcbSigning)], TIME)))
      .to.emit(store, "IssuerRevoked")
      .withArgs(nameOf(IntelName.tcbSigning), serial);
    for (const ca of [PckCa.platform, PckCa.processor]) {
      expect(await held(ca)).to.deep.include({ validUntil: 0n, tcbLevels: NOTHING, qeIdentity: NOTHING });
      expect(await health(ca)).to.deep.include({ tcbSigning: 0n, tcbInfo: 0n, qeIdentity: 0n });
    }
    const fresh = platform.collateral({ issueDate: TIME });
    for (const name of ["tcbInfo", "qeIdentity"] as const) {
      await refused(name, fresh, "CollateralStoreMissingIssuer", nameOf(IntelName.tcbSigning));
    }
    await refused("tcbSigning", collateral, "CollateralStoreRevoked", serial);
    // A certificate issued anew for the same key does not bring back what that key had signed; it takes the documents again.
    await submit("tcbSigning", changed("tcbSigning", { serial: Uint8Array.of(8) }));
    for (const ca of [PckCa.platform, PckCa.processor]) {
      expect(await held(ca)).to.deep.include({ validUntil: 0n, tcbLevels: NOTHING, qeIdentity: NOTHING });
      expect(await health(ca)).to.deep.include({ tcbInfo: 0n, qeIdentity: 0n });
    }
    await world.fill(collateral, ["tcbInfo", "qeIdentity"]);
    for (const ca of [PckCa.platform, PckCa.processor]) {
      expect((await held(ca)).validUntil).to.equal(TIME - HOUR + 30n * DAY);
    }
  });

  it("ends all three at once, and tells each once", async () => {
    const serials = [collateral.pckCa, processor.collateral().pckCa, collateral.tcbSigning].map(serialBytes);
    const response = await world.submit("rootCrl", rootCrlWith([...serials, ...serials], TIME));
    const events = await world.store.queryFilter(world.store.filters.IssuerRevoked(), response.blockNumber!);
    expect(events.map(({ args }) => args.subject)).to.deep.equal(
      [IntelName.platformCa, IntelName.processorCa, IntelName.tcbSigning].map(nameOf),
    );
    const { pckCa, tcbSigning } = await health();
    expect([pckCa, tcbSigning, (await health(PckCa.processor)).pckCa]).to.deep.equal([0n, 0n, 0n]);
  });

  it("lets everything lapse without a revert, and comes back with fresh documents", async () => {
    const { time } = world.networkHelpers;
    const { validUntil } = await held();
    await time.increaseTo(validUntil + DAY);
    expect((await held()).validUntil).to.equal(validUntil);
    expect((await health()).rootCrl).to.equal(validUntil);
    const fresh = platform.collateral({ issueDate: validUntil });
    await refused("pckCa", changed("pckCa", newKey), "CollateralStoreMissingIssuer", nameOf(IntelName.root));
    // What a lapsed Root CRL had cleared before may still sign.
    await world.fill(fresh, ["pckCrl", "tcbInfo", "qeIdentity"]);
    expect((await held()).validUntil).to.equal(validUntil);
    await world.fill(fresh, ["rootCrl"]);
    expect((await held()).validUntil).to.equal(validUntil + 30n * DAY);
  });

  it("lets a lapsed certificate give way to any that holds, and takes nothing in its name before", async () => {
    const short = { serial: Uint8Array.of(9), notBefore: VALID_FROM + 1n, notAfter: TIME + DAY };
    await world.submit("pckCa", changed("pckCa", short));
    await world.submit("tcbSigning", changed("tcbSigning", { ...short, serial: Uint8Array.of(10) }));
    await world.networkHelpers.time.increaseTo(TIME + DAY + 1n);
    const fresh = platform.collateral({ issueDate: TIME + DAY });
    await refused("pckCrl", fresh, "CollateralStoreMissingIssuer", nameOf(IntelName.platformCa));
    await refused("tcbInfo", fresh, "CollateralStoreMissingIssuer", nameOf(IntelName.tcbSigning));
    await refused("qeIdentity", fresh, "CollateralStoreMissingIssuer", nameOf(IntelName.tcbSigning));
    expect((await held()).validUntil).to.equal(TIME + DAY);
    await world.fill(collateral, ["pckCa", "tcbSigning"]);
    expect(await held()).to.deep.include({ validUntil: TIME - HOUR + 30n * DAY, caGeneration: 1n });
  });
});
