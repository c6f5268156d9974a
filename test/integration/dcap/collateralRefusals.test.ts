import { expect } from "chai";

import { DOCUMENT_NAMES, halvesOf, type DocumentName } from "../../../src/collateral/documents.ts";
import { keccak256, utf8 } from "../../../src/sgx/bytes.ts";
import { parseCertificate } from "../../../src/sgx/certificate.ts";
import type { Collateral } from "../../../src/sgx/collateral.ts";
import { parseCrl } from "../../../src/sgx/crl.ts";
import { IntelName } from "../../../src/sgx/names.ts";
import type { CollateralFlaw } from "../../../src/sgx/simulator/collateralFlaws.ts";
import { VALID_FROM, VALID_UNTIL } from "../../../src/sgx/simulator/hierarchy.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { verifyCollateral } from "../../../src/sgx/verifyCollateral.ts";
import { createStore } from "../../fixtures/sgx/collateralStore.ts";
import { simulator, TIME } from "../../fixtures/sgx/simulation.ts";

const nameOf = (name: Uint8Array): string => keccak256(name);
const serialOf = (der: Uint8Array): bigint => BigInt(`0x${parseCertificate(der).serial}`);

describe("CollateralStore: what it refuses", () => {
  const platform = simulator.platform();
  const collateral = platform.collateral();
  let world: Awaited<ReturnType<typeof createStore>>;
  let restore: () => Promise<void>;

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

  const refusals: readonly [flaw: CollateralFlaw, name: DocumentName, error: string, args?: readonly unknown[]][] = [
    ["caSignature", "pckCa", "CollateralStoreWrongSignature"],
    ["caIssuer", "pckCa", "CollateralStoreWrongIssuer", [nameOf(IntelName.platformCa)]],
    ["caSubject", "pckCa", "CollateralStoreUnknownName", [nameOf(IntelName.root)]],
    ["caUsage", "pckCa", "X509WrongUsage"],
    ["caExpired", "pckCa", "CollateralStoreNotValidNow", [VALID_FROM, TIME - 1n]],
    ["caNotYetValid", "pckCa", "CollateralStoreNotValidNow", [TIME + 1000n, VALID_UNTIL]],
    ["caRevoked", "pckCa", "CollateralStoreRevoked", [serialOf(collateral.pckCa)]],
    ["caGarbage", "pckCa", "DerMalformed"],
    ["tcbSigningSignature", "tcbSigning", "CollateralStoreWrongSignature"],
    ["tcbSigningExpired", "tcbSigning", "CollateralStoreNotValidNow", [VALID_FROM, TIME - 1n]],
    ["tcbSigningRevoked", "tcbSigning", "CollateralStoreRevoked", [serialOf(collateral.tcbSigning)]],
    ["rootCrlSignature", "rootCrl", "CollateralStoreWrongSignature"],
    ["rootCrlExpired", "rootCrl", "CollateralStoreNotValidNow", [TIME - 3_600n, TIME - 1n]],
    ["rootCrlNotYetValid", "rootCrl", "CollateralStoreNotValidNow"],
    ["pckCrlSignature", "pckCrl", "CollateralStoreWrongSignature"],
    ["pckCrlIssuer", "pckCrl", "CollateralStoreWrongSignature"],
    ["pckCrlExpired", "pckCrl", "CollateralStoreNotValidNow", [TIME - 3_600n, TIME - 1n]],
    ["pckCrlNotYetValid", "pckCrl", "CollateralStoreNotValidNow"],
    ["pckCrlGarbage", "pckCrl", "DerMalformed"],
    ["pckCrlNoNumber", "pckCrl", "X509MissingExtension"],
    ["tcbInfoSignature", "tcbInfo", "CollateralStoreWrongSignature"],
    ["tcbInfoText", "tcbInfo", "CollateralStoreWrongSignature"],
    ["tcbInfoExpired", "tcbInfo", "CollateralStoreNotValidNow", [TIME - 3_600n, TIME - 1n]],
    ["tcbInfoNotYetValid", "tcbInfo", "CollateralStoreNotValidNow"],
    ["tcbInfoVersion2", "tcbInfo", "TcbInfoJsonWrongVersion", [2n]],
    ["tcbInfoTdx", "tcbInfo", "TcbInfoJsonWrongId", ["TDX"]],
    ["tcbInfoOrder", "tcbInfo", "TcbInfoJsonOrder"],
    ["tcbInfoSpace", "tcbInfo", "StrictJsonUnexpected"],
    ["qeIdentitySignature", "qeIdentity", "CollateralStoreWrongSignature"],
    ["qeIdentityText", "qeIdentity", "CollateralStoreWrongSignature"],
    ["qeIdentityExpired", "qeIdentity", "CollateralStoreNotValidNow", [TIME - 3_600n, TIME - 1n]],
    ["qeIdentityNotYetValid", "qeIdentity", "CollateralStoreNotValidNow"],
    ["qeIdentityVersion1", "qeIdentity", "QeIdentityJsonWrongVersion", [1n]],
    ["qeIdentityTdQe", "qeIdentity", "QeIdentityJsonWrongId", ["TD_QE"]],
    ["qeIdentityOrder", "qeIdentity", "QeIdentityJsonOrder"],
  ];

  // The chain's clock has moved on a little by then, so what begins later begins well after it.
  const late = createSimulator({ seed: "tests", time: TIME + 999n }).platform();

  for (const [flaw, name, error, args] of refusals) {
    it(`${flaw}: ${error}`, async () => {
      const flawed = flaw.endsWith("NotYetValid")
        ? late.collateral({ flaw, issueDate: TIME - 3_600n })
        : platform.collateral({ flaw });
      // What the flaw's document builds on is in the same set, as the Root CRL that revokes a CA.
      await fillUpTo(name, flawed);
      const refusal = expect(world.submit(name, flawed)).to.be.revertedWithCustomError(world.store, error);
      await (args === undefined ? refusal : refusal.withArgs(...args));
    });
  }

  it("a CRL in the name of nobody here, and a certificate of one: CollateralStoreUnknownName", async () => {
    const stray = platform.collateral({
      edits: { pckCrl: (list) => ({ ...list, issuer: IntelName.tcbSigning }) },
    });
    await fillUpTo("pckCrl");
    await expect(world.submit("pckCrl", stray))
      .to.be.revertedWithCustomError(world.store, "CollateralStoreUnknownName")
      .withArgs(nameOf(IntelName.tcbSigning));
  });

  it("a CA's name on what may not issue, and the other way round: CollateralStoreWrongUsage", async () => {
    let [ofCa, ofSigner]: (readonly Uint8Array[])[] = [];
    platform.collateral({
      edits: {
        pckCa: (fields) => {
          ofCa = fields.extensions;
          return fields;
        },
        tcbSigning: (fields) => {
          ofSigner = fields.extensions;
          return fields;
        },
      },
    });
    const swapped = platform.collateral({
      edits: {
        pckCa: (fields) => ({ ...fields, extensions: ofSigner! }),
        tcbSigning: (fields) => ({ ...fields, extensions: ofCa! }),
      },
    });
    await world.fill(collateral, ["rootCrl"]);
    for (const [name, subject] of [
      ["pckCa", IntelName.platformCa],
      ["tcbSigning", IntelName.tcbSigning],
    ] as const) {
      await expect(world.submit(name, swapped))
        .to.be.revertedWithCustomError(world.store, "CollateralStoreWrongUsage")
        .withArgs(nameOf(subject));
    }
  });

  it("whatever another root signed", async () => {
    const other = createSimulator({ seed: "another root", time: TIME }).platform().collateral();
    await expect(world.submit("rootCrl", other)).to.be.revertedWithCustomError(
      world.store,
      "CollateralStoreWrongSignature",
    );
    await world.fill(collateral);
    for (const name of DOCUMENT_NAMES) {
      await expect(world.submit(name, other), name).to.be.revertedWithCustomError(
        world.store,
        "CollateralStoreWrongSignature",
      );
    }
  });

  it("what comes before its issuer: CollateralStoreMissingIssuer", async () => {
    const { store, submit, fill } = world;
    const missing = async (name: DocumentName, issuer: Uint8Array): Promise<void> => {
      await expect(submit(name, collateral), name)
        .to.be.revertedWithCustomError(store, "CollateralStoreMissingIssuer")
        .withArgs(nameOf(issuer));
    };
    await missing("pckCa", IntelName.root);
    await missing("tcbSigning", IntelName.root);
    await missing("pckCrl", IntelName.platformCa);
    await missing("tcbInfo", IntelName.tcbSigning);
    await missing("qeIdentity", IntelName.tcbSigning);
    await fill(collateral, ["rootCrl"]);
    await world.networkHelpers.time.setNextBlockTimestamp(parseCrl(collateral.rootCrl).nextUpdate + 1n);
    await missing("pckCa", IntelName.root);
  });

  it("the same document again, and an older one in the place of a newer: CollateralStoreNotNewer", async () => {
    const { store, submit, fill } = world;
    const older = platform.collateral({ issueDate: TIME - 7_200n });
    await fill(collateral);
    const issued = TIME - 3_600n;
    for (const name of ["rootCrl", "pckCrl", "tcbInfo", "qeIdentity"] as const) {
      for (const [set, date] of [
        [collateral, issued],
        [older, issued - 3_600n],
      ] as const) {
        await expect(submit(name, set), name)
          .to.be.revertedWithCustomError(store, "CollateralStoreNotNewer")
          .withArgs(issued, date);
      }
    }
    for (const name of ["pckCa", "tcbSigning"] as const) {
      await expect(submit(name, collateral), name)
        .to.be.revertedWithCustomError(store, "CollateralStoreNotNewer")
        .withArgs(VALID_UNTIL, VALID_UNTIL);
    }
    const newer = platform.collateral({ issueDate: issued + 1n, crlEntries: 45 });
    await fill(newer, ["rootCrl", "pckCrl", "tcbInfo", "qeIdentity"]);
    const held = await store.collateralOf(0, 1, platform.fmspc, platform.pceId, 17);
    expect(held.validUntil).to.equal(verifyCollateral(newer, simulator.root, TIME).validUntil);
  });

  it("a certificate too long, and a signature that is not both halves' of the text", async () => {
    await expect(world.store.submitCertificate(new Uint8Array(4097), "0x", "0x"))
      .to.be.revertedWithCustomError(world.store, "X509TooLong")
      .withArgs(4097n, 4096n);
    await fillUpTo("tcbInfo");
    const [r, s] = halvesOf(collateral.tcbInfo);
    await expect(world.store.submitTcbInfo(utf8(collateral.tcbInfo.text), s, r)).to.be.revertedWithCustomError(
      world.store,
      "CollateralStoreWrongSignature",
    );
  });
});
