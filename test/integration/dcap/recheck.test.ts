import { expect } from "chai";

import type { DocumentName } from "../../../src/collateral/documents.ts";
import { EvidenceKind } from "../../../src/dcap/index.ts";
import { fromHex } from "../../../src/sgx/bytes.ts";
import { parseCertificate } from "../../../src/sgx/certificate.ts";
import { USUAL_QE_LEVELS, USUAL_TCB_LEVELS } from "../../../src/sgx/simulator/documents.ts";
import { deriveKey } from "../../../src/sgx/simulator/keys.ts";
import type { CollateralOptions } from "../../../src/sgx/simulator/options.ts";
import { TcbStatus } from "../../../src/sgx/tcbStatus.ts";
import {
  createRecheckedVerifier,
  recheckOf,
  subject,
  type RecheckedVerifier,
} from "../../fixtures/dcap/recheckedVerifier.ts";
import { HOLDS, REVOKED, UNDECIDED } from "../../fixtures/dcap/standings.ts";
import { collateral, platform, quote } from "../../fixtures/dcap/usualQuote.ts";
import { evidenceOf } from "../../fixtures/sgx/dcapVerifier.ts";
import { REPORT_DATA, TIME } from "../../fixtures/sgx/simulation.ts";

const ALL_DATED: DocumentName[] = ["rootCrl", "pckCrl", "tcbInfo", "qeIdentity"];

describe("DcapVerifier: judges again by what it holds now", () => {
  let world: RecheckedVerifier;

  before(async () => {
    world = await createRecheckedVerifier();
  });
  beforeEach(async () => world.restore());

  it("holds while nothing has changed, and names what it judged", async () => {
    await world.stands(collateral, HOLDS, TcbStatus.UpToDate);
    const [, again] = await world.verifier.recheck(recheckOf(collateral));
    expect(again).to.equal(subject);
  });

  it("says a status that has become worse, platform's and QE's together", async () => {
    const levels = USUAL_TCB_LEVELS.map((level, i) =>
      i === 0 ? { ...level, status: TcbStatus.ConfigurationNeeded } : level,
    );
    const worse = await world.update({ tcbLevels: levels }, ["tcbInfo"]);
    await world.stands(worse, HOLDS, TcbStatus.ConfigurationNeeded);
    const qeLevels = USUAL_QE_LEVELS.map((level) => ({ ...level, status: TcbStatus.OutOfDate }));
    const worst = await world.update({ issueDate: TIME + 1n, tcbLevels: levels, qeLevels }, ["tcbInfo", "qeIdentity"]);
    await world.stands(worst, HOLDS, TcbStatus.OutOfDateConfigurationNeeded);
  });

  const revocations: [string, CollateralOptions, DocumentName[]][] = [
    ["the PCK certificate is revoked", { flaw: "pckRevoked" }, ["pckCrl"]],
    [
      "the TCB level is revoked",
      { tcbLevels: USUAL_TCB_LEVELS.map((level) => ({ ...level, status: TcbStatus.Revoked })) },
      ["tcbInfo"],
    ],
    [
      "the QE's level is revoked",
      { qeLevels: USUAL_QE_LEVELS.map((level) => ({ ...level, status: TcbStatus.Revoked })) },
      ["qeIdentity"],
    ],
    ["the CA is revoked", { flaw: "caRevoked" }, ["rootCrl"]],
  ];
  for (const [title, options, names] of revocations) {
    it(`says so when ${title}, however old the documents become`, async () => {
      const revoking = await world.update(options, names);
      await world.stands(revoking, REVOKED);
      await world.networkHelpers.time.increaseTo(TIME + 10n ** 8n);
      await world.stands(revoking, REVOKED);
    });
  }

  const omissions: [string, CollateralOptions, DocumentName[]][] = [
    [
      "no TCB level is reached any more",
      {
        tcbLevels: [
          { ...USUAL_TCB_LEVELS[0]!, tcb: { components: Array.from({ length: 16 }, () => 255), pceSvn: 99 } },
        ],
      },
      ["tcbInfo"],
    ],
    ["no QE level is reached any more", { qeLevels: [{ ...USUAL_QE_LEVELS[0]!, isvSvn: 9 }] }, ["qeIdentity"]],
    [
      "the QE identity describes another QE",
      { edits: { qeIdentity: (text) => text.replace('"isvprodid":1', '"isvprodid":2') } },
      ["qeIdentity"],
    ],
  ];
  for (const [title, options, names] of omissions) {
    it(`says so when ${title}, but only by an edition that is in force`, async () => {
      const revoking = await world.update(options, names);
      await world.stands(revoking, REVOKED);
      const end = TIME - 3_600n + 30n * 86_400n;
      await world.networkHelpers.time.increaseTo(end);
      await world.stands(revoking, REVOKED);
      await world.networkHelpers.time.increaseTo(end + 1n);
      await world.stands(revoking, UNDECIDED);
    });
  }

  it("decides nothing once collateral has lapsed, until it is renewed", async () => {
    const end = TIME - 3_600n + 30n * 86_400n;
    await world.networkHelpers.time.increaseTo(end);
    await world.stands(collateral, HOLDS, TcbStatus.UpToDate);
    await world.networkHelpers.time.increaseTo(end + 1n);
    await world.stands(collateral, UNDECIDED);
    const renewed = await world.update({ issueDate: end, nextUpdate: end + 86_400n }, ALL_DATED);
    await world.stands(renewed, HOLDS, TcbStatus.UpToDate);
  });

  it("decides nothing by a number of which nothing is stored, but for what is known without it", async () => {
    await world.stands(collateral, UNDECIDED, TcbStatus.None, 19);
    const revoking = await world.update({ flaw: "pckRevoked" }, ["pckCrl"]);
    await world.stands(revoking, REVOKED, TcbStatus.None, 19);
  });

  it("judges by the list of the key that signed the leaf, whatever other keys the CA has", async () => {
    const key = deriveKey("rotation", "another CA key");
    const edits = {
      pckCa: (fields: object) => ({ ...fields, notBefore: TIME, publicKey: key.publicKey }),
      pckCrl: (fields: object) => ({ ...fields, signer: key }),
    } as NonNullable<CollateralOptions["edits"]>;
    await world.update({ edits, flaw: "pckRevoked" }, ["pckCa", "pckCrl"]);
    await world.stands(collateral, HOLDS, TcbStatus.UpToDate);
    const revoking = await world.update({ issueDate: TIME + 1n, flaw: "pckRevoked" }, ["pckCrl"]);
    await world.stands(revoking, REVOKED);
  });

  it("says that a CA's key is revoked of its own platforms only, and no longer once a newer list leaves it out", async () => {
    const key = deriveKey("rotation", "another CA key");
    const edits = {
      pckCa: (fields: object) => ({ ...fields, serial: Uint8Array.of(7), publicKey: key.publicKey }),
      pckCrl: (fields: object) => ({ ...fields, signer: key }),
    } as NonNullable<CollateralOptions["edits"]>;
    await world.stands(await world.update({ flaw: "caRevoked" }, ["rootCrl"]), REVOKED);
    const replaced = await world.update({ edits }, ["pckCa", "pckCrl"]);
    await world.stands(collateral, REVOKED);
    expect((await world.verifier.recheck(recheckOf(replaced, 17, 2))).standing).to.equal(HOLDS);
    await world.update({ issueDate: TIME + 1n }, ["rootCrl"]);
    await world.stands(collateral, HOLDS, TcbStatus.UpToDate);
  });

  it("decides nothing by what a TCB Signing certificate had signed while it is revoked", async () => {
    const tcbLevels = USUAL_TCB_LEVELS.map((level) => ({ ...level, status: TcbStatus.Revoked }));
    const qeLevels = USUAL_QE_LEVELS.map((level) => ({ ...level, status: TcbStatus.Revoked }));
    const worse = await world.update({ tcbLevels, qeLevels }, ["tcbInfo", "qeIdentity"]);
    await world.stands(worse, REVOKED);
    await world.update({ flaw: "tcbSigningRevoked" }, ["rootCrl"]);
    await world.stands(worse, UNDECIDED);
    await world.update({ issueDate: TIME + 1n }, ["rootCrl"]);
    await world.stands(worse, REVOKED);
  });

  it("judges by the floor once it is above the attestation's number, and names the subject as before", async () => {
    const levels = USUAL_TCB_LEVELS.map((level) => ({ ...level, status: TcbStatus.Revoked }));
    const early = await world.update({ evaluationDataNumber: 18, tcbLevels: levels }, ["tcbInfo", "qeIdentity"]);
    await world.stands(collateral, HOLDS, TcbStatus.UpToDate);
    await world.store.setEvaluationFloor(18);
    await world.stands(early, REVOKED);
  });

  it("reads a bucket of more serial numbers than a byte can count", async () => {
    const { serial } = parseCertificate(platform.pckCertificate);
    // Only the last nibble, which chooses the bucket, is the certificate's own.
    const crowd = Array.from({ length: 300 }, (_, i) =>
      Uint8Array.of(1, i >> 4, (i << 4) | parseInt(serial.slice(-1), 16)),
    );
    const listing = (issueDate: bigint, ...serials: Uint8Array[]): CollateralOptions => ({
      issueDate,
      edits: { pckCrl: (fields) => ({ ...fields, revoked: [...fields.revoked, ...serials] }) },
    });
    const crowded = await world.update(listing(TIME, ...crowd), ["pckCrl"]);
    for (const kind of [EvidenceKind.New, EvidenceKind.Known]) await world.verify(evidenceOf(quote, crowded, kind));
    await world.stands(crowded, HOLDS, TcbStatus.UpToDate);
    const revoking = await world.update(listing(TIME + 1n, ...crowd, fromHex(`0x${serial}`)!), ["pckCrl"]);
    await expect(world.verifier.verify(evidenceOf(quote, revoking), REPORT_DATA)).to.be.revertedWithCustomError(
      world.verifier,
      "DcapVerifierPckRevoked",
    );
    await world.stands(revoking, REVOKED);
  });
});
