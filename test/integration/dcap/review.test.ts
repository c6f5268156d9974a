import { expect } from "chai";

import { encodeReview } from "../../../src/dcap/index.ts";
import { USUAL_TCB_LEVELS } from "../../../src/sgx/simulator/documents.ts";
import { QUOTE_FLAW_NAMES, type QuoteFlaw } from "../../../src/sgx/simulator/quoteFlaws.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { TcbStatus } from "../../../src/sgx/tcbStatus.ts";
import { LAUNCH_ERRORS } from "../../fixtures/dcap/launchErrors.ts";
import { createRecheckedVerifier, platformId, type RecheckedVerifier } from "../../fixtures/dcap/recheckedVerifier.ts";
import { HOLDS, REVOKED, UNDECIDED } from "../../fixtures/dcap/standings.ts";
import { collateral, platform, quote } from "../../fixtures/dcap/usualQuote.ts";
import { REPORT_DATA, TIME } from "../../fixtures/sgx/simulation.ts";

/** What is wrong with a quote whatever collateral says. */
const ERRORS: Partial<Record<QuoteFlaw, string>> = {
  ...LAUNCH_ERRORS,
  qeReportDataTail: "DcapVerifierWrongQeSignature",
  mrEnclave: "DcapVerifierWrongQuoteSignature",
  reportData: "DcapVerifierWrongQuoteSignature",
  isvSignature: "DcapVerifierWrongQuoteSignature",
  zeroSignature: "DcapVerifierWrongQuoteSignature",
  attestationKey: "DcapVerifierWrongQeSignature",
  qeAuthData: "DcapVerifierWrongQeSignature",
  qeReport: "DcapVerifierWrongQeSignature",
  qeReportSignature: "DcapVerifierWrongQeSignature",
  certificates: "DcapVerifierMissingCertificate",
  certificationType: "SgxQuoteUnreadable",
  authLength: "SgxQuoteUnreadable",
  certificationLength: "SgxQuoteUnreadable",
  signatureLength: "SgxQuoteUnreadable",
  truncated: "SgxQuoteUnreadable",
  trailing: "SgxQuoteUnreadable",
  oversized: "SgxQuoteUnreadable",
};

/** Report data is the claim's matter, and what a QE is worth the collateral's. */
const STANDINGS: Partial<Record<QuoteFlaw, bigint>> = {
  reportDataTail: HOLDS,
  qeMiscSelect: REVOKED,
  qeDebug: REVOKED,
  qeMrSigner: REVOKED,
  qeIsvProdId: REVOKED,
  qeUnsupported: REVOKED,
};

describe("DcapVerifier: judges a quote that others vouched for", () => {
  let world: RecheckedVerifier;

  before(async () => {
    world = await createRecheckedVerifier();
  });
  beforeEach(async () => world.restore());

  it("judges by no other set than the floor's", async () => {
    const levels = USUAL_TCB_LEVELS.map((level) => ({ ...level, status: TcbStatus.Revoked }));
    const early = await world.update({ evaluationDataNumber: 18, tcbLevels: levels }, ["tcbInfo", "qeIdentity"]);
    const [byEarly, byFloor] = [early, collateral].map((set) => encodeReview({ quote, collateral: set }));
    await expect(world.verifier.review(quote, byEarly!)).to.be.revertedWithCustomError(
      world.verifier,
      "DcapVerifierWrongContents",
    );
    expect(await world.verifier.review(quote, byFloor!)).to.deep.equal([platformId, HOLDS, BigInt(TcbStatus.UpToDate)]);
    // Nothing of these numbers is stored; the first is the floor that a store begins with.
    for (const floor of [1, 16]) {
      await world.store.setEvaluationFloor(floor);
      for (const review of [byEarly!, byFloor!]) {
        expect(await world.verifier.review(quote, review)).to.deep.equal([
          platformId,
          UNDECIDED,
          BigInt(TcbStatus.None),
        ]);
      }
    }
  });

  for (const flaw of QUOTE_FLAW_NAMES) {
    it(`reviews a quote with the flaw ${flaw} for what it is`, async () => {
      const bytes = platform.quote({ reportData: REPORT_DATA, flaw });
      const review = world.verifier.review(bytes, encodeReview({ quote, collateral }));
      const standing = STANDINGS[flaw];
      if (standing !== undefined) expect((await review).standing).to.equal(standing);
      else await expect(review).to.be.revertedWithCustomError(world.verifier, ERRORS[flaw] ?? "SgxQuoteMalformed");
    });
  }

  it("reviews no quote of another root", async () => {
    const stranger = createSimulator({ seed: "another", time: TIME }).platform().quote({ reportData: REPORT_DATA });
    await expect(world.verifier.review(stranger, encodeReview({ quote, collateral }))).to.be.revertedWithCustomError(
      world.verifier,
      "DcapVerifierWrongChain",
    );
  });
});
