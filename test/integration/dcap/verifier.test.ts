import { expect } from "chai";
import hre from "hardhat";

import {
  commitmentsOf,
  contentsOf,
  contentTagOf,
  encodeRecheck,
  EvidenceKind,
  onChainQuoteHash,
  quoteKeys,
  revocationProof,
} from "../../../src/dcap/index.ts";
import { fromHex, toHex, type Hex } from "../../../src/sgx/bytes.ts";
import { parseCertificate } from "../../../src/sgx/certificate.ts";
import type { Collateral } from "../../../src/sgx/collateral.ts";
import { SgxVerificationError } from "../../../src/sgx/errors.ts";
import { ExtensionOid } from "../../../src/sgx/extensions.ts";
import { parseQuote } from "../../../src/sgx/quote.ts";
import { USUAL_TCB_LEVELS } from "../../../src/sgx/simulator/documents.ts";
import { flipBit } from "../../../src/sgx/simulator/edits.ts";
import { deriveKey } from "../../../src/sgx/simulator/keys.ts";
import { PCK_FLAW_NAMES, type PckFlaw } from "../../../src/sgx/simulator/pckFlaws.ts";
import { UNSUPPORTED_TCB, type SimulatedPlatform } from "../../../src/sgx/simulator/platform.ts";
import { QUOTE_FLAW_NAMES, type QuoteFlaw } from "../../../src/sgx/simulator/quoteFlaws.ts";
import { writeSgxExtension } from "../../../src/sgx/simulator/sgxExtension.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { parseSgxExtension } from "../../../src/sgx/sgxExtension.ts";
import { matchTcbLevel, parseTcbInfo } from "../../../src/sgx/tcbInfo.ts";
import { TcbStatus, type QeStatus } from "../../../src/sgx/tcbStatus.ts";
import { revertDataOf } from "../../../src/errors.ts";
import { createVerifier, evidenceOf, onChain } from "../../fixtures/sgx/dcapVerifier.ts";
import { PCK_FAULTS, QUOTE_FAULTS } from "../../fixtures/sgx/expectedFaults.ts";
import { faultOf, REPORT_DATA, simulator, TIME, verifySimulated } from "../../fixtures/sgx/simulation.ts";

const { Cached, Known, New } = EvidenceKind;

/** Every status that can be accepted. */
const ACCEPTABLE = { acceptedStatuses: [1, 2, 3, 4, 5, 6] } as const;

/** How the chain refuses a quote with a flaw that evidence can carry. The others are refused while it is packed. */
const QUOTE_ERRORS: Partial<Record<QuoteFlaw, string>> = {
  debug: "DcapVerifierForbiddenAttributes",
  provisionKey: "DcapVerifierForbiddenAttributes",
  qeMiscSelect: "DcapVerifierWrongQe",
  qeDebug: "DcapVerifierWrongQe",
  qeMrSigner: "DcapVerifierWrongQe",
  qeIsvProdId: "DcapVerifierWrongQe",
  qeUnsupported: "DcapVerifierQeUnsupported",
  mrEnclave: "DcapVerifierWrongQuoteSignature",
  isvSignature: "DcapVerifierWrongQuoteSignature",
  zeroSignature: "DcapVerifierWrongQuoteSignature",
  qeReport: "DcapVerifierWrongQeSignature",
  qeReportSignature: "DcapVerifierWrongQeSignature",
};

const PCK_ERRORS: Record<PckFlaw, string> = {
  pckIssuer: "DcapVerifierWrongName",
  pckSubject: "DcapVerifierWrongName",
  pckSignature: "DcapVerifierWrongPckSignature",
  pckExpired: "DcapVerifierPckNotValidNow",
  pckNotYetValid: "DcapVerifierPckNotValidNow",
  pckUsage: "X509WrongUsage",
  pckLongSerial: "DerMalformed",
  pckZeroSerial: "DerMalformed",
  pckDuplicateExtension: "X509WrongExtension",
  pckUnknownCritical: "X509WrongExtension",
  pckNoKeyUsage: "X509MissingExtension",
  pckNoSgxExtension: "DcapVerifierWrongExtension",
  pckEmptySgxExtension: "DerMalformed",
  pckReversedValidity: "DcapVerifierPckNotValidNow",
};

describe("DcapVerifier: verifies what src/sgx verifies", () => {
  const platform = simulator.platform();
  const collateral = platform.collateral();
  const quote = platform.quote({ reportData: REPORT_DATA });
  let world: Awaited<ReturnType<typeof createVerifier>>;
  let restore: () => Promise<void>;

  before(async () => {
    world = await createVerifier(TIME - 1_000n);
    await world.fill(collateral);
    await world.fill(simulator.platform({ ca: "processor" }).collateral(), ["pckCa", "pckCrl"]);
    // The clock of both verifiers.
    await world.networkHelpers.time.increaseTo(TIME);
    const snapshot = await world.networkHelpers.takeSnapshot();
    restore = () => snapshot.restore();
  });

  beforeEach(async () => {
    await restore();
  });

  const refuses = async (evidence: Hex, error: string, reportData = REPORT_DATA, ...args: unknown[]): Promise<void> => {
    const refusal = expect(world.verifier.verify.staticCall(evidence, reportData), error);
    const typed = refusal.to.be.revertedWithCustomError(world.verifier, error);
    await (args.length === 0 ? typed : typed.withArgs(...args));
  };

  /** All kinds of evidence must give what `verifyQuote` gives. */
  async function acceptsAllKinds(bytes: Uint8Array, documents: Collateral): Promise<void> {
    const expected = {
      ...onChain(verifySimulated(bytes, documents, { policy: ACCEPTABLE })),
      quoteHash: onChainQuoteHash(bytes),
    };
    const { subject } = quoteKeys(bytes, 1, contentsOf(documents).evaluationNumber);
    for (const kind of [New, Known, Cached]) {
      const evidence = evidenceOf(bytes, documents, kind);
      expect(await world.ask(evidence), `kind ${kind}`).to.deep.equal({ attestation: expected, subject });
      await world.verify(evidence);
    }
  }

  it("accepts New, then Known, then Cached, and says of each what verifyQuote says", async () => {
    await acceptsAllKinds(quote, collateral);
  });

  it("accepts platforms of the Processor CA", async () => {
    const processor = simulator.platform({ ca: "processor", name: "processor" });
    await acceptsAllKinds(processor.quote({ reportData: REPORT_DATA }), processor.collateral());
  });

  it("accepts other families, PCEIDs, authentication data and large enclave numbers", async () => {
    const other = simulator.platform({ name: "other", fmspc: "0x90c06f000000", pceId: "0x0102" });
    await world.fill(other.collateral(), ["tcbInfo"]);
    const bytes = other.quote({ reportData: REPORT_DATA, isvProdId: 0x0102, isvSvn: 0xfffe });
    await acceptsAllKinds(bytes, other.collateral());
  });

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

  it("tells whenever it writes a slot all that a recheck of what rests on it takes", async () => {
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

  const qeStatuses: QeStatus[] = [TcbStatus.UpToDate, TcbStatus.OutOfDate, TcbStatus.Revoked];
  for (const tcbStatus of Object.values(TcbStatus).filter((status) => status !== TcbStatus.None)) {
    for (const qeStatus of qeStatuses) {
      it(`judges TCB status ${tcbStatus} with QE status ${qeStatus} as verifyQuote does`, async () => {
        const other = simulator.platform({ name: "status", tcbStatus });
        const bytes = other.quote({ reportData: REPORT_DATA, qeStatus });
        if (tcbStatus !== TcbStatus.Revoked && qeStatus !== TcbStatus.Revoked) {
          await acceptsAllKinds(bytes, collateral);
          return;
        }
        const fault = faultOf(() => verifySimulated(bytes, collateral, { policy: ACCEPTABLE }));
        expect(fault.code).to.match(/^(Tcb|Qe)Revoked$/);
        await refuses(evidenceOf(bytes, collateral), "DcapVerifierRevoked");
      });
    }
  }

  for (const flaw of QUOTE_FLAW_NAMES) {
    it(`refuses a quote with the flaw ${flaw}`, async () => {
      const bytes = platform.quote({ reportData: REPORT_DATA, flaw });
      expect(faultOf(() => verifySimulated(bytes, collateral)).code).to.equal(QUOTE_FAULTS[flaw][0]);
      const error = QUOTE_ERRORS[flaw];
      if (flaw === "reportData") {
        // Evidence does not carry it: neither the one expected nor the one in the quote is what was signed.
        const { reportData } = parseQuote(bytes).report;
        await refuses(
          evidenceOf(bytes, collateral),
          "DcapVerifierWrongQuoteSignature",
          toHex(reportData.subarray(0, 32)),
        );
      } else if (error === undefined) {
        expect(() => evidenceOf(bytes, collateral)).to.throw(SgxVerificationError);
      } else {
        await refuses(evidenceOf(bytes, collateral), error);
      }
    });
  }

  for (const flaw of PCK_FLAW_NAMES) {
    it(`refuses a PCK certificate with the flaw ${flaw}`, async () => {
      const bytes = simulator.platform({ name: flaw, flaw }).quote({ reportData: REPORT_DATA });
      expect(faultOf(() => verifySimulated(bytes, collateral)).code).to.equal(PCK_FAULTS[flaw][0]);
      await refuses(evidenceOf(bytes, collateral), PCK_ERRORS[flaw]);
    });
  }

  it("refuses other report data than the quote's", async () => {
    await refuses(evidenceOf(quote, collateral), "DcapVerifierWrongQuoteSignature", `0x${"5b".repeat(32)}`);
  });

  it("refuses a PCK certificate with as many entries in its SGX extension as the other CA issues", async () => {
    const extension = parseCertificate(platform.pckCertificate).extensions.get(ExtensionOid.sgx);
    const sgx = writeSgxExtension({ ...parseSgxExtension(extension!.value), platform: undefined });
    const swapped = simulator.platform({
      name: "swapped",
      editPck: (fields) => ({ ...fields, extensions: [...fields.extensions.slice(0, 5), sgx] }),
    });
    const bytes = swapped.quote({ reportData: REPORT_DATA });
    expect(faultOf(() => verifySimulated(bytes, collateral)).code).to.equal("SgxExtension");
    await refuses(evidenceOf(bytes, collateral), "DcapVerifierWrongExtension");
  });

  it("refuses SVNs below every level", async () => {
    const bytes = simulator.platform({ name: "low", tcb: UNSUPPORTED_TCB }).quote({ reportData: REPORT_DATA });
    await refuses(evidenceOf(bytes, collateral), "DcapVerifierTcbUnsupported");
  });

  it("takes the first level of which every component and PCESVN is reached, as matchTcbLevel does", async () => {
    const { components, pceSvn } = USUAL_TCB_LEVELS[0]!.tcb;
    const weaker = components.map((_, weak) => ({
      components: components.map((svn, i) => (i === weak ? Math.max(0, svn - 1) : svn)),
      pceSvn,
    }));
    const tcbs = [
      ...weaker,
      { components, pceSvn: pceSvn - 1 },
      { components: components.map(() => 255), pceSvn: 255 },
    ];
    for (const tcb of tcbs) {
      const bytes = simulator.platform({ name: "edge", tcb }).quote({ reportData: REPORT_DATA });
      const info = parseTcbInfo(collateral.tcbInfo.text);
      const status = matchTcbLevel(info, tcb)?.status;
      if (status === undefined) await refuses(evidenceOf(bytes, collateral), "DcapVerifierTcbUnsupported");
      else expect((await world.ask(evidenceOf(bytes, collateral))).attestation.tcbStatus).to.equal(BigInt(status));
    }
  });

  it("refuses a revoked PCK certificate, whether it was seen before or not", async () => {
    await world.verify(evidenceOf(quote, collateral));
    const revoking = platform.collateral({ flaw: "pckRevoked", issueDate: TIME });
    await world.fill(revoking, ["pckCrl"]);
    const serial = BigInt(`0x${parseCertificate(platform.pckCertificate).serial}`);
    for (const kind of [New, Known]) {
      await refuses(evidenceOf(quote, revoking, kind), "DcapVerifierPckRevoked", REPORT_DATA, serial);
      // A list without it is not what the chain holds.
      await refuses(evidenceOf(quote, collateral, kind), "DcapVerifierWrongContents");
    }
    await refuses(evidenceOf(quote, revoking, Cached), "DcapVerifierUnknownLeaf");
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
      await refuses(evidenceOf(quote, current, Cached), "DcapVerifierUnknownLeaf", REPORT_DATA, leafKey);
      await world.verify(evidenceOf(quote, current, Known));
      await world.ask(evidenceOf(quote, current, Cached));
    }
    expect((await world.ask(evidenceOf(quote, current, Cached))).attestation.tcbStatus).to.equal(
      BigInt(TcbStatus.OutOfDate),
    );
  });

  it("names the contents that differ", async () => {
    const { serials, levels, qeIdentity } = contentsOf(collateral);
    const held = commitmentsOf({ serials, levels, qeIdentity, evaluationNumber: 17 });
    const other = platform.collateral({ tcbLevels: USUAL_TCB_LEVELS.slice(1) });
    const given = commitmentsOf(contentsOf(other));
    await refuses(evidenceOf(quote, other), "DcapVerifierWrongContents", REPORT_DATA, held.tcbLevels, given.tcbLevels);
    // A leaf's bucket, and no other's, shows whether it is on the list.
    const { serial } = parseCertificate(platform.pckCertificate);
    const neighbour = serial.slice(0, -1) + (parseInt(serial.slice(-1), 16) ^ 1).toString(16);
    const evidence = evidenceOf(quote, collateral).slice(2);
    const proofOf = (of: string): string => {
      const { bucket, siblings } = revocationProof(serials, of);
      return Buffer.concat([Uint8Array.of(0, bucket.length / 20), bucket, siblings]).toString("hex");
    };
    expect(evidence).to.contain(proofOf(serial));
    const swapped: Hex = `0x${evidence.replace(proofOf(serial), proofOf(neighbour))}`;
    await refuses(swapped, "DcapVerifierWrongContents");
  });

  it("remembers one attestation key and QE of a leaf, the last", async () => {
    const second = platformWithKey("second");
    await world.verify(evidenceOf(quote, collateral));
    await refuses(evidenceOf(second, collateral, Cached), "DcapVerifierUnknownLeaf");
    await world.verify(evidenceOf(second, collateral, Known));
    await world.ask(evidenceOf(second, collateral, Cached));
    await refuses(evidenceOf(quote, collateral, Cached), "DcapVerifierUnknownLeaf");
    const outdated = platform.quote({ reportData: REPORT_DATA, qeStatus: TcbStatus.OutOfDate });
    await world.verify(evidenceOf(quote, collateral, Known));
    await refuses(evidenceOf(outdated, collateral, Cached), "DcapVerifierUnknownLeaf");
  });

  it("refuses Known and Cached for a leaf that it has never seen", async () => {
    const { leafKey } = quoteKeys(quote, 1, 17);
    for (const kind of [Known, Cached]) {
      await refuses(evidenceOf(quote, collateral, kind), "DcapVerifierUnknownLeaf", REPORT_DATA, leafKey);
    }
    await world.verify(evidenceOf(quote, collateral));
    for (const kind of [Known, Cached]) {
      await refuses(evidenceOf(quote, collateral, kind, { caGeneration: 2 }), "DcapVerifierUnknownLeaf");
    }
  });

  it("forgets what a former key of the CA signed", async () => {
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
    for (const kind of [Known, Cached]) {
      await refuses(evidenceOf(quote, next, kind), "DcapVerifierUnknownLeaf");
      await refuses(evidenceOf(quote, next, kind, { caGeneration: 2 }), "DcapVerifierUnknownLeaf");
    }
    await refuses(evidenceOf(quote, next), "DcapVerifierWrongPckSignature");
  });

  it("judges by collateral that holds in the last second and not in the next", async () => {
    const end = TIME - 3_600n + 30n * 86_400n;
    const kinds = [New, Known, Cached];
    await world.verify(evidenceOf(quote, collateral));
    await world.networkHelpers.time.increaseTo(end);
    for (const kind of kinds) await world.ask(evidenceOf(quote, collateral, kind));
    await world.networkHelpers.time.increaseTo(end + 1n);
    for (const kind of kinds) {
      const args = [platform.fmspc, platform.pceId, 17, end];
      await refuses(evidenceOf(quote, collateral, kind), "DcapVerifierCollateralLapsed", REPORT_DATA, ...args);
    }
  });

  it("refuses a PCK certificate before its first and after its last second", async () => {
    const times = { notBefore: TIME + 2_000n, notAfter: TIME + 3_000n };
    const short = simulator.platform({ name: "short", editPck: (fields) => ({ ...fields, ...times }) });
    const bytes = short.quote({ reportData: REPORT_DATA });
    const { notBefore, notAfter } = times;
    await world.networkHelpers.time.increaseTo(notBefore - 1n);
    await refuses(evidenceOf(bytes, collateral), "DcapVerifierPckNotValidNow", REPORT_DATA, notBefore, notAfter);
    await world.networkHelpers.time.increaseTo(notBefore);
    await world.verify(evidenceOf(bytes, collateral));
    await world.networkHelpers.time.increaseTo(notAfter);
    for (const kind of [New, Known, Cached]) {
      expect((await world.ask(evidenceOf(bytes, collateral, kind))).attestation.validUntil).to.equal(notAfter);
    }
    await world.networkHelpers.time.increaseTo(notAfter + 1n);
    for (const [kind, from] of [
      [New, notBefore],
      [Known, 0n],
      [Cached, 0n],
    ] as const) {
      await refuses(evidenceOf(bytes, collateral, kind), "DcapVerifierPckNotValidNow", REPORT_DATA, from, notAfter);
    }
  });

  it("refuses numbers below the floor, and those of which nothing is stored", async () => {
    const lapsed = (number: number) => [platform.fmspc, platform.pceId, number, 0];
    await refuses(
      evidenceOf(quote, collateral, New, { evaluationNumber: 18 }),
      "DcapVerifierCollateralLapsed",
      REPORT_DATA,
      ...lapsed(18),
    );
    const early = platform.collateral({ evaluationDataNumber: 18 });
    await world.fill(early, ["tcbInfo", "qeIdentity"]);
    await world.ask(evidenceOf(quote, early));
    await world.store.setEvaluationFloor(18);
    await refuses(evidenceOf(quote, collateral), "DcapVerifierCollateralLapsed", REPORT_DATA, ...lapsed(17));
    await world.ask(evidenceOf(quote, early));
  });

  it("accepts a signature of either sign of s", async () => {
    const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const evidence = evidenceOf(quote, collateral).slice(2);
    const at = (131 + 32) * 2;
    const s = BigInt(`0x${evidence.slice(at, at + 64)}`);
    const other = (n - s).toString(16).padStart(64, "0");
    expect(s > n / 2n).not.to.equal(n - s > n / 2n);
    await world.ask(`0x${evidence.slice(0, at)}${other}${evidence.slice(at + 64)}`);
  });

  it("refuses evidence of another length or kind, and CAs that there are not", async () => {
    await world.verify(evidenceOf(quote, collateral));
    const malformed = (bytes: Uint8Array) => refuses(toHex(bytes), "DcapVerifierMalformed", REPORT_DATA, bytes.length);
    for (const kind of [Cached, Known, New]) {
      const bytes = fromHex(evidenceOf(quote, collateral, kind))!;
      for (const length of [0, 1, 258, 259, 352, bytes.length - 1])
        await malformed(bytes.subarray(0, Math.min(length, bytes.length - 1)));
      await malformed(Uint8Array.from([...bytes, 0]));
      for (const other of [3, 0xff]) await malformed(Uint8Array.from([other, ...bytes.subarray(1)]));
    }
    const cached = fromHex(evidenceOf(quote, collateral, Cached))!;
    cached[307 + 12] = 2;
    await malformed(cached);
    const known = fromHex(evidenceOf(quote, collateral, Known))!;
    known[known.length - 34] = 2;
    await malformed(known);
  });

  it("refuses evidence of any kind with any bit turned over, by a typed error", async () => {
    await world.verify(evidenceOf(quote, collateral));
    for (const kind of [Cached, Known, New]) {
      const bytes = fromHex(evidenceOf(quote, collateral, kind))!;
      for (let offset = kind; offset < bytes.length; offset += kind === Cached ? 3 : 11) {
        const flipped = toHex(flipBit(bytes, offset));
        const verdict = await world.verifier.verify.staticCall(flipped, REPORT_DATA).then(
          () => "accepted",
          (error: unknown) => world.verifier.interface.parseError(revertDataOf(error) ?? "0x")?.name,
        );
        expect(verdict, `kind ${kind}, byte ${offset}`).to.match(/^(DcapVerifier|Der|X509|UtcTime)\w+$/);
      }
    }
  });

  it("refuses a simulation under Intel's root, and one simulator's quotes under another's", async () => {
    const other = createSimulator({ seed: "another", time: TIME }).platform();
    const bytes = other.quote({ reportData: REPORT_DATA });
    await refuses(evidenceOf(bytes, collateral), "DcapVerifierWrongPckSignature");
  });

  it("cannot be deployed on a chain without the precompile", async () => {
    const { ethers } = await hre.network.create({ network: "default", override: { hardfork: "prague" } });
    const [admin] = await ethers.getSigners();
    const authority = await ethers.deployContract("Governance", [admin!.address]);
    const root = [simulator.root.slice(0, 66), `0x${simulator.root.slice(66)}`];
    await expect(ethers.deployContract("SimulationDcapVerifier", [authority, ...root])).to.be.revertedWithCustomError(
      world.verifier,
      "DcapVerifierNoPrecompile",
    );
  });

  it("leaves nothing to dispute", async () => {
    await expect(world.verifier.dispute(onChainQuoteHash(quote), REPORT_DATA, "0x")).to.be.revertedWithCustomError(
      world.verifier,
      "DcapVerifierNothingToDispute",
    );
  });

  it("costs little", async () => {
    const gas: Record<string, bigint> = {};
    gas.new = await world.verify(evidenceOf(quote, collateral));
    gas.known = await world.verify(evidenceOf(quote, collateral, Known));
    gas.cached = await world.verify(evidenceOf(quote, collateral, Cached));
    console.log("      gas of verify without calldata:", gas);
    expect(Number(gas.new)).to.be.below(130_000);
    expect(Number(gas.cached)).to.be.below(25_000);
  });

  /** A quote by another attestation key of the same platform. */
  function platformWithKey(name: string): Uint8Array {
    return platform.quote({ reportData: REPORT_DATA, attestationKey: name });
  }
});
