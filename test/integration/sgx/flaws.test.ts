import { expect } from "chai";

import type { Collateral } from "../../../src/sgx/collateral.ts";
import { collateralHash } from "../../../src/sgx/collateral.ts";
import { toHex, utf8 } from "../../../src/sgx/bytes.ts";
import { CHECKS, SGX_FAULT_CODES, type SgxFaultCode, type SgxVerificationError } from "../../../src/sgx/errors.ts";
import { ExtensionOid } from "../../../src/sgx/extensions.ts";
import { parsePem, writePem } from "../../../src/sgx/pem.ts";
import { parseQuote } from "../../../src/sgx/quote.ts";
import { parseSgxExtension } from "../../../src/sgx/sgxExtension.ts";
import { COLLATERAL_FLAW_NAMES } from "../../../src/sgx/simulator/collateralFlaws.ts";
import { PCK_FLAW_NAMES } from "../../../src/sgx/simulator/pckFlaws.ts";
import { UNSUPPORTED_TCB } from "../../../src/sgx/simulator/platform.ts";
import { flipBit } from "../../../src/sgx/simulator/edits.ts";
import { QUOTE_FLAW_NAMES } from "../../../src/sgx/simulator/quoteFlaws.ts";
import { writeSgxExtension } from "../../../src/sgx/simulator/sgxExtension.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { parseCertificate } from "../../../src/sgx/certificate.ts";
import { TcbStatus } from "../../../src/sgx/tcbStatus.ts";
import { INTEL_ROOT_KEY } from "../../../src/sgx/intelRoot.ts";
import { crossCheck } from "../../fixtures/sgx/crossCheck.ts";
import { COLLATERAL_FAULTS, PCK_FAULTS, QUOTE_FAULTS, type Expected } from "../../fixtures/sgx/expectedFaults.ts";
import { faultOf, REPORT_DATA, simulator, TIME, verifySimulated } from "../../fixtures/sgx/simulation.ts";

describe("SGX verifier: each flaw has its fault", () => {
  const platform = simulator.platform();
  const quote = platform.quote({ reportData: REPORT_DATA });
  const collateral = platform.collateral();
  const seen = new Set<SgxFaultCode>();

  function expectFault(code: SgxFaultCode, run: () => unknown): SgxVerificationError {
    const fault = faultOf(run);
    expect(fault.code, fault.message).to.equal(code);
    expect(CHECKS).to.include(fault.check);
    expect(fault.message.startsWith(`${code}: `)).to.equal(true);
    expect(fault.message.endsWith(fault.remedy)).to.equal(true);
    seen.add(code);
    return fault;
  }

  function expectBoth([code, whyAccepted]: Expected, bytes: Uint8Array, documents: Collateral): void {
    expectFault(code, () => verifySimulated(bytes, documents));
    const cross = crossCheck(bytes, documents, simulator.rootCertificate, TIME);
    expect(cross.accepted, cross.accepted ? "dcap-qvl accepts" : cross.error).to.equal(whyAccepted !== undefined);
  }

  it("accepts the same quote and collateral without a flaw", () => {
    expect(verifySimulated(quote, collateral).checks).to.deep.equal(CHECKS);
    expect(crossCheck(quote, collateral, simulator.rootCertificate, TIME).accepted).to.equal(true);
  });

  for (const flaw of QUOTE_FLAW_NAMES) {
    it(`quote, ${flaw}: ${QUOTE_FAULTS[flaw][0]}`, () => {
      expectBoth(QUOTE_FAULTS[flaw], platform.quote({ reportData: REPORT_DATA, flaw }), collateral);
    });
  }

  for (const flaw of PCK_FLAW_NAMES) {
    it(`PCK certificate, ${flaw}: ${PCK_FAULTS[flaw][0]}`, () => {
      const flawed = simulator.platform({ flaw });
      expectBoth(PCK_FAULTS[flaw], flawed.quote({ reportData: REPORT_DATA }), collateral);
    });
  }

  for (const flaw of COLLATERAL_FLAW_NAMES) {
    it(`collateral, ${flaw}: ${COLLATERAL_FAULTS[flaw][0]}`, () => {
      const flawed = platform.collateral({ flaw });
      expect(collateralHash(flawed)).to.not.equal(collateralHash(collateral));
      expectBoth(COLLATERAL_FAULTS[flaw], quote, flawed);
    });
  }

  it("RootKey: a root that is no point on P-256", () => {
    expectFault("RootKey", () => verifySimulated(quote, collateral, { root: "0x00" }));
    expectFault("RootKey", () => verifySimulated(quote, collateral, { root: `0x${"11".repeat(64)}` }));
    expectFault("RootKey", () => verifySimulated(quote, collateral, { root: "0xno" }));
  });

  it("TimeInvalid: a time before 1970 or in milliseconds", () => {
    expectFault("TimeInvalid", () => verifySimulated(quote, collateral, { time: -1n }));
    expectFault("TimeInvalid", () => verifySimulated(quote, collateral, { time: TIME * 1000n }));
  });

  it("CrlSignature: simulated collateral under Intel's root", () => {
    expectFault("CrlSignature", () => verifySimulated(quote, collateral, { root: INTEL_ROOT_KEY }));
  });

  it("QuoteRoot: a quote of another simulator under this one's collateral", () => {
    const foreign = createSimulator({ seed: "another", time: TIME }).platform();
    const fault = expectFault("QuoteRoot", () =>
      verifySimulated(foreign.quote({ reportData: REPORT_DATA }), collateral),
    );
    expect(fault.timeless).to.equal(true);
  });

  it("QuoteCa: a quote under the Processor CA with the Platform CA's collateral, which says nothing against it", () => {
    const other = simulator.platform({ ca: "processor" });
    const fault = expectFault("QuoteCa", () => verifySimulated(other.quote({ reportData: REPORT_DATA }), collateral));
    expect(fault.timeless).to.equal(false);
  });

  it("PckIssuer: a chain that goes over a CA of the right name with another key", () => {
    const foreign = createSimulator({ seed: "another", time: TIME }).platform().collateral();
    const [leaf, , root] = parsePem(Buffer.from(parseQuote(quote).certificationData).toString());
    const certificationData = utf8(writePem([leaf!, foreign.pckCa, root!]));
    const swapped = platform.quote({
      reportData: REPORT_DATA,
      edits: { quote: (fields) => ({ ...fields, certificationData }) },
    });
    expectFault("PckIssuer", () => verifySimulated(swapped, collateral));
  });

  it("PckIssuer: a chain that goes over a certificate of the CA that the root did not sign", () => {
    const [leaf, ca, root] = parsePem(Buffer.from(parseQuote(quote).certificationData).toString());
    const certificationData = utf8(writePem([leaf!, flipBit(ca!, ca!.length - 1), root!]));
    const changed = platform.quote({
      reportData: REPORT_DATA,
      edits: { quote: (fields) => ({ ...fields, certificationData }) },
    });
    expectFault("PckIssuer", () => verifySimulated(changed, collateral));
  });

  it("CertificationData: a chain without the leaf's CA", () => {
    const [leaf, , root] = parsePem(Buffer.from(parseQuote(quote).certificationData).toString());
    const certificationData = utf8(writePem([leaf!, root!]));
    const changed = platform.quote({
      reportData: REPORT_DATA,
      edits: { quote: (fields) => ({ ...fields, certificationData }) },
    });
    expectFault("CertificationData", () => verifySimulated(changed, collateral));
  });

  it("trusts no root but the caller's, so the quote's own does not matter", () => {
    const [leaf, ca, root] = parsePem(Buffer.from(parseQuote(quote).certificationData).toString());
    const renamed = flipBit(root!, Buffer.from(root!).indexOf("Intel SGX Root CA"));
    for (const chain of [
      [leaf!, ca!, renamed],
      [leaf!, ca!],
      [root!, ca!, leaf!],
    ]) {
      const certificationData = utf8(writePem(chain));
      const changed = platform.quote({
        reportData: REPORT_DATA,
        edits: { quote: (fields) => ({ ...fields, certificationData }) },
      });
      expect(verifySimulated(changed, collateral).checks).to.deep.equal(CHECKS);
    }
  });

  it("SgxExtension: five entries under the Platform CA", () => {
    const shorter = simulator.platform({
      editPck: (fields) => {
        const extension = parseCertificate(platform.pckCertificate).extensions.get(ExtensionOid.sgx);
        const sgx = writeSgxExtension({ ...parseSgxExtension(extension!.value), platform: undefined });
        return { ...fields, extensions: [...fields.extensions.slice(0, 5), sgx] };
      },
    });
    const fault = expectFault("SgxExtension", () =>
      verifySimulated(shorter.quote({ reportData: REPORT_DATA }), collateral),
    );
    expect(fault.message).to.contain("5 entries");
  });

  it("TcbUnsupported: SVNs below every level, or a PCESVN below every level", () => {
    const lowPce = { components: Array.from({ length: 16 }, () => 255), pceSvn: 0 };
    for (const tcb of [UNSUPPORTED_TCB, lowPce]) {
      const old = simulator.platform({ tcb });
      expectFault("TcbUnsupported", () => verifySimulated(old.quote({ reportData: REPORT_DATA }), collateral));
    }
  });

  it("TcbRevoked and QeRevoked: never accepted, whatever the policy", () => {
    const policy = { acceptedStatuses: Object.values(TcbStatus) };
    const revoked = simulator.platform({ tcbStatus: TcbStatus.Revoked });
    expectFault("TcbRevoked", () =>
      verifySimulated(revoked.quote({ reportData: REPORT_DATA }), collateral, { policy }),
    );
    const oldQe = platform.quote({ reportData: REPORT_DATA, qeStatus: TcbStatus.Revoked });
    expectFault("QeRevoked", () => verifySimulated(oldQe, collateral, { policy }));
  });

  it("StatusNotAccepted: a status outside the policy", () => {
    const old = simulator.platform({ tcbStatus: TcbStatus.OutOfDate }).quote({ reportData: REPORT_DATA });
    const acceptedStatuses = [TcbStatus.UpToDate, TcbStatus.SWHardeningNeeded];
    const fault = expectFault("StatusNotAccepted", () =>
      verifySimulated(old, collateral, { policy: { acceptedStatuses } }),
    );
    expect(fault.message).to.contain("OutOfDate, the policy accepts UpToDate, SWHardeningNeeded");
  });

  it("ReportDataMismatch and ReportDataForm", () => {
    const expectedReportData = `0x${"5b".repeat(32)}` as const;
    expectFault("ReportDataMismatch", () => verifySimulated(quote, collateral, { expectedReportData }));
    expectFault("ReportDataForm", () => verifySimulated(quote, collateral, { expectedReportData: "0x5b" }));
  });

  it("TcbInfoTooOld, QeIdentityTooOld, EvaluationNumberTooLow: documents older than the policy", () => {
    const issueDate = TIME - 3_600n;
    const older = platform.collateral({ issueDate: issueDate - 1n });
    const policy = { minIssueDate: issueDate };
    verifySimulated(quote, collateral, { policy });
    expectFault("TcbInfoTooOld", () => verifySimulated(quote, older, { policy }));
    const mixed = { ...older, tcbInfo: collateral.tcbInfo };
    expectFault("QeIdentityTooOld", () => verifySimulated(quote, mixed, { policy }));
    expectFault("EvaluationNumberTooLow", () =>
      verifySimulated(quote, collateral, { policy: { minEvaluationDataNumber: 18 } }),
    );
    verifySimulated(quote, collateral, { policy: { minEvaluationDataNumber: 17 } });
  });

  it("says of each fault whether time could heal it", () => {
    const timeless = (bytes: Uint8Array, documents: Collateral): boolean =>
      faultOf(() => verifySimulated(bytes, documents)).timeless;
    expect(timeless(platform.quote({ reportData: REPORT_DATA, flaw: "isvSignature" }), collateral)).to.equal(true);
    expect(timeless(quote, platform.collateral({ flaw: "pckRevoked" }))).to.equal(true);
    expect(timeless(quote, platform.collateral({ flaw: "tcbInfoExpired" }))).to.equal(false);
    expect(timeless(quote, platform.collateral({ flaw: "tcbInfoSignature" }))).to.equal(false);
    expect(timeless(quote, platform.collateral({ flaw: "otherFmspc" }))).to.equal(false);
    const expired = simulator.platform({ flaw: "pckExpired" });
    expect(timeless(expired.quote({ reportData: REPORT_DATA }), collateral)).to.equal(false);
  });

  it("leaves no fault of the verifier untested", () => {
    // The readers of files and answers give this one; they have tests of their own.
    const elsewhere: readonly SgxFaultCode[] = ["CollateralForm"];
    expect(SGX_FAULT_CODES.filter((code) => !seen.has(code) && !elsewhere.includes(code))).to.deep.equal([]);
  });

  it("never changes what it is given", () => {
    const before = [toHex(quote), JSON.stringify(collateral)];
    verifySimulated(quote, collateral);
    expect([toHex(quote), JSON.stringify(collateral)]).to.deep.equal(before);
  });
});
