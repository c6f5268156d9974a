import { expect } from "chai";

import {
  commitmentsOf,
  contentsOf,
  contentTagOf,
  encodeRecheck,
  EvidenceKind,
  quoteKeys,
} from "../../../src/dcap/index.ts";
import { fromHex, toHex } from "../../../src/sgx/bytes.ts";
import { parseCertificate } from "../../../src/sgx/certificate.ts";
import { USUAL_TCB_LEVELS } from "../../../src/sgx/simulator/documents.ts";
import { deriveKey } from "../../../src/sgx/simulator/keys.ts";
import type { SimulatedPlatform } from "../../../src/sgx/simulator/platform.ts";
import { TcbStatus } from "../../../src/sgx/tcbStatus.ts";
import { createFilledVerifier, type FilledVerifier } from "../../fixtures/dcap/filledVerifier.ts";
import { collateral, platform, quote } from "../../fixtures/dcap/usualQuote.ts";
import { evidenceOf } from "../../fixtures/sgx/dcapVerifier.ts";
import { REPORT_DATA, simulator, TIME, verifySimulated } from "../../fixtures/sgx/simulation.ts";

const { Cached, Known, New } = EvidenceKind;

describe("DcapVerifier: remembers the leaves that it has verified", () => {
  let world: FilledVerifier;

  before(async () => {
    world = await createFilledVerifier();
  });
  beforeEach(async () => world.restore());

  it("keeps one slot: which key and QE, under which contents, and both statuses", async () => {
    const { leafKey, keyTag } = quoteKeys(quote, 1, 17);
    expect(await world.verifier.leafOf(leafKey)).to.deep.equal([
      `0x${"00".repeat(16)}`,
      `0x${"00".repeat(12)}`,
      0n,
      0n,
    ]);
    await world.verify(evidenceOf(quote, collateral));
    const tag = contentTagOf(commitmentsOf(contentsOf(collateral)), 17);
    expect(await world.verifier.leafOf(leafKey)).to.deep.equal([keyTag, tag, 1n, 1n]);
  });

  it("emits, whenever it writes a slot, everything that a recheck of what rests on it needs", async () => {
    const { leafKey } = quoteKeys(quote, 1, 17);
    const { platformId } = verifySimulated(quote, collateral).attestation;
    // Behind number 2: attestation key 64, QE facts 56, and in the end the leaf.
    const recheck = fromHex(encodeRecheck({ quote, collateral, caGeneration: 1, evaluationNumber: 17 }))!;
    const [quoting, leaf] = [recheck.subarray(2, 122), recheck.subarray(-148)].map(toHex);
    for (const kind of [New, Known, New]) {
      await expect(world.verifier.verify(evidenceOf(quote, collateral, kind), REPORT_DATA))
        .to.emit(world.verifier, "PckJudged")
        .withArgs(leafKey, platformId, 17, leaf, quoting);
    }
    await expect(world.verifier.verify(evidenceOf(quote, collateral, Cached), REPORT_DATA)).not.to.emit(
      world.verifier,
      "PckJudged",
    );
  });

  it("refuses a revoked PCK certificate, whether it was seen before or not", async () => {
    await world.verify(evidenceOf(quote, collateral));
    const revoking = platform.collateral({ flaw: "pckRevoked", issueDate: TIME });
    await world.fill(revoking, ["pckCrl"]);
    const serial = BigInt(`0x${parseCertificate(platform.pckCertificate).serial}`);
    for (const kind of [New, Known]) {
      await world.refuses(evidenceOf(quote, revoking, kind), "DcapVerifierPckRevoked", REPORT_DATA, serial);
      // A list without it is not what the chain holds.
      await world.refuses(evidenceOf(quote, collateral, kind), "DcapVerifierWrongContents");
    }
    await world.refuses(evidenceOf(quote, revoking, Cached), "DcapVerifierUnknownLeaf");
  });

  it("wants a Known leaf again when contents change, and not when only dates do", async () => {
    await world.verify(evidenceOf(quote, collateral));
    const dated = platform.collateral({ issueDate: TIME, nextUpdate: TIME + 9_000_000n });
    await world.fill(dated, ["rootCrl", "pckCrl", "tcbInfo", "qeIdentity"]);
    await world.ask(evidenceOf(quote, dated, Cached));

    const changes: [Parameters<SimulatedPlatform["collateral"]>[0], "pckCrl" | "tcbInfo" | "qeIdentity"][] = [
      [{ crlEntries: 45 }, "pckCrl"],
      [{ tcbLevels: USUAL_TCB_LEVELS.slice(0, -1) }, "tcbInfo"],
      [{ qeLevels: [{ isvSvn: 8, tcbDate: 0n, status: TcbStatus.OutOfDate, advisoryIds: [] }] }, "qeIdentity"],
    ];
    const { leafKey } = quoteKeys(quote, 1, 17);
    let current = dated;
    for (const [options, name] of changes) {
      const next = platform.collateral({ issueDate: TIME + 1n, nextUpdate: TIME + 9_000_001n, ...options });
      await world.fill(next, [name]);
      current = { ...current, [name]: next[name] };
      await world.refuses(evidenceOf(quote, current, Cached), "DcapVerifierUnknownLeaf", REPORT_DATA, leafKey);
      await world.verify(evidenceOf(quote, current, Known));
      await world.ask(evidenceOf(quote, current, Cached));
    }
    expect((await world.ask(evidenceOf(quote, current, Cached))).attestation.tcbStatus).to.equal(
      BigInt(TcbStatus.OutOfDate),
    );
  });

  it("remembers one attestation key and QE of a leaf, the last", async () => {
    const second = platformWithKey("second");
    await world.verify(evidenceOf(quote, collateral));
    await world.refuses(evidenceOf(second, collateral, Cached), "DcapVerifierUnknownLeaf");
    await world.verify(evidenceOf(second, collateral, Known));
    await world.ask(evidenceOf(second, collateral, Cached));
    await world.refuses(evidenceOf(quote, collateral, Cached), "DcapVerifierUnknownLeaf");
    const outdated = platform.quote({ reportData: REPORT_DATA, qeStatus: TcbStatus.OutOfDate });
    await world.verify(evidenceOf(quote, collateral, Known));
    await world.refuses(evidenceOf(outdated, collateral, Cached), "DcapVerifierUnknownLeaf");
  });

  it("refuses Known and Cached for a leaf that it has never seen", async () => {
    const { leafKey } = quoteKeys(quote, 1, 17);
    for (const kind of [Known, Cached]) {
      await world.refuses(evidenceOf(quote, collateral, kind), "DcapVerifierUnknownLeaf", REPORT_DATA, leafKey);
    }
    await world.verify(evidenceOf(quote, collateral));
    // A key that the CA never had has no collateral.
    for (const kind of [New, Known, Cached]) {
      for (const caGeneration of [0, 2, 255]) {
        await world.refuses(evidenceOf(quote, collateral, kind, { caGeneration }), "DcapVerifierCollateralLapsed");
      }
    }
  });

  it("keeps what each key of the CA signed apart, while both hold", async () => {
    await world.verify(evidenceOf(quote, collateral));
    const key = deriveKey("rotation", "another CA key");
    const next = platform.collateral({
      issueDate: TIME,
      edits: {
        pckCa: (fields) => ({ ...fields, notBefore: TIME, publicKey: key.publicKey }),
        pckCrl: (fields) => ({ ...fields, signer: key }),
      },
    });
    await world.fill(next, ["pckCa", "pckCrl"]);
    // The leaf goes on under the key that signed it.
    for (const kind of [Cached, Known, New]) await world.ask(evidenceOf(quote, collateral, kind));
    for (const kind of [Known, Cached]) {
      await world.refuses(evidenceOf(quote, next, kind, { caGeneration: 2 }), "DcapVerifierUnknownLeaf");
    }
    await world.refuses(evidenceOf(quote, next, New, { caGeneration: 2 }), "DcapVerifierWrongPckSignature");
    // And one of the new key is verified beside it.
    const other = simulator.platform({ name: "of the new key", editPck: (fields) => ({ ...fields, signer: key }) });
    const bytes = other.quote({ reportData: REPORT_DATA });
    await world.refuses(evidenceOf(bytes, collateral), "DcapVerifierWrongPckSignature");
    for (const kind of [New, Known, Cached]) await world.verify(evidenceOf(bytes, next, kind, { caGeneration: 2 }));
    await world.ask(evidenceOf(quote, collateral, Cached));
  });

  /** A quote by another attestation key of the same platform. */
  function platformWithKey(name: string): Uint8Array {
    return platform.quote({ reportData: REPORT_DATA, attestationKey: name });
  }
});
