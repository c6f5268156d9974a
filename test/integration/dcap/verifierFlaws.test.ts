import { expect } from "chai";

import { encodeReview } from "../../../src/dcap/index.ts";
import { concatBytes, fromHex, toHex, type Hex } from "../../../src/sgx/bytes.ts";
import { parseCertificate } from "../../../src/sgx/certificate.ts";
import { SgxVerificationError } from "../../../src/sgx/errors.ts";
import { ExtensionOid } from "../../../src/sgx/extensions.ts";
import { parseQuote } from "../../../src/sgx/quote.ts";
import { parseSgxExtension } from "../../../src/sgx/sgxExtension.ts";
import { PCK_FLAW_NAMES, type PckFlaw } from "../../../src/sgx/simulator/pckFlaws.ts";
import { UNSUPPORTED_TCB } from "../../../src/sgx/simulator/platform.ts";
import { QUOTE_FLAW_NAMES, type QuoteFlaw } from "../../../src/sgx/simulator/quoteFlaws.ts";
import { writeSgxExtension } from "../../../src/sgx/simulator/sgxExtension.ts";
import { createFilledVerifier, type FilledVerifier } from "../../fixtures/dcap/filledVerifier.ts";
import { LAUNCH_ERRORS } from "../../fixtures/dcap/launchErrors.ts";
import { collateral, platform, quote } from "../../fixtures/dcap/usualQuote.ts";
import { evidenceOf } from "../../fixtures/sgx/dcapVerifier.ts";
import { PCK_FAULTS, QUOTE_FAULTS } from "../../fixtures/sgx/expectedFaults.ts";
import { faultOf, REPORT_DATA, simulator, verifySimulated } from "../../fixtures/sgx/simulation.ts";

/** How the chain refuses a quote with a flaw that evidence can carry. The others are refused while it is packed. */
const QUOTE_ERRORS: Partial<Record<QuoteFlaw, string>> = {
  ...LAUNCH_ERRORS,
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

/** Evidence of the usual quote with another PCK certificate, which is its last part: two bytes of length, then the DER. */
function evidenceWithLeaf(der: Uint8Array): Hex {
  const usual = fromHex(evidenceOf(quote, collateral))!;
  const rest = usual.subarray(0, usual.length - platform.pckCertificate.length - 2);
  return toHex(concatBytes(rest, Uint8Array.of(der.length >> 8, der.length & 0xff), der));
}

describe("DcapVerifier: refuses the flaws that src/sgx refuses", () => {
  let world: FilledVerifier;

  before(async () => {
    world = await createFilledVerifier();
  });
  beforeEach(async () => world.restore());

  for (const flaw of QUOTE_FLAW_NAMES) {
    it(`refuses a quote with the flaw ${flaw}`, async () => {
      const bytes = platform.quote({ reportData: REPORT_DATA, flaw });
      expect(faultOf(() => verifySimulated(bytes, collateral)).code).to.equal(QUOTE_FAULTS[flaw][0]);
      const error = QUOTE_ERRORS[flaw];
      if (flaw === "reportData") {
        // Evidence does not carry it: neither the one expected nor the one in the quote is what was signed.
        const { reportData } = parseQuote(bytes).report;
        await world.refuses(
          evidenceOf(bytes, collateral),
          "DcapVerifierWrongQuoteSignature",
          toHex(reportData.subarray(0, 32)),
        );
      } else if (error === undefined) {
        expect(() => evidenceOf(bytes, collateral)).to.throw(SgxVerificationError);
      } else {
        await world.refuses(evidenceOf(bytes, collateral), error);
      }
    });
  }

  for (const flaw of PCK_FLAW_NAMES) {
    it(`refuses a PCK certificate with the flaw ${flaw}`, async () => {
      const flawed = simulator.platform({ name: flaw, flaw });
      const bytes = flawed.quote({ reportData: REPORT_DATA });
      expect(faultOf(() => verifySimulated(bytes, collateral)).code).to.equal(PCK_FAULTS[flaw][0]);
      // A certificate that is not made out as one is not found in a quote, but somebody may show it all the same.
      const isFound = flaw !== "pckSubject";
      const evidence = isFound ? evidenceOf(bytes, collateral) : evidenceWithLeaf(flawed.pckCertificate);
      await world.refuses(evidence, PCK_ERRORS[flaw]);
    });
  }

  it("refuses other report data than the quote's", async () => {
    await world.refuses(evidenceOf(quote, collateral), "DcapVerifierWrongQuoteSignature", `0x${"5b".repeat(32)}`);
  });

  const configuration = { dynamicPlatform: true, cachedKeys: false, smtEnabled: true };
  const entries = {
    platform: { count: "five", platform: undefined },
    processor: { count: "seven", platform: { instanceId: new Uint8Array(16), ...configuration } },
  } as const;
  for (const ca of ["platform", "processor"] as const) {
    it(`refuses a PCK certificate of the ${ca} CA with ${entries[ca].count} entries in its SGX extension`, async () => {
      const usual = simulator.platform({ ca, name: "swapped" });
      const extension = parseCertificate(usual.pckCertificate).extensions.get(ExtensionOid.sgx);
      const sgx = writeSgxExtension({ ...parseSgxExtension(extension!.value), platform: entries[ca].platform });
      const swapped = simulator.platform({
        ca,
        name: "swapped",
        editPck: (fields) => ({ ...fields, extensions: [...fields.extensions.slice(0, 5), sgx] }),
      });
      const [bytes, documents] = [swapped.quote({ reportData: REPORT_DATA }), swapped.collateral()];
      expect(faultOf(() => verifySimulated(bytes, documents)).code).to.equal("SgxExtension");
      await world.refuses(evidenceOf(bytes, documents), "DcapVerifierWrongExtension");
      const review = encodeReview({ quote: usual.quote({ reportData: REPORT_DATA }), collateral: documents });
      await expect(world.verifier.review(bytes, review)).to.be.revertedWithCustomError(
        world.verifier,
        "DcapVerifierWrongExtension",
      );
    });
  }

  it("refuses SVNs below every level", async () => {
    const bytes = simulator.platform({ name: "low", tcb: UNSUPPORTED_TCB }).quote({ reportData: REPORT_DATA });
    await world.refuses(evidenceOf(bytes, collateral), "DcapVerifierTcbUnsupported");
  });
});
