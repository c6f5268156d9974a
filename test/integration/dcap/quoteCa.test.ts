import { expect } from "chai";

import { encodeReview } from "../../../src/dcap/index.ts";
import { parsePem, writePem } from "../../../src/sgx/pem.ts";
import { parseQuote } from "../../../src/sgx/quote.ts";
import { HOLDS } from "../../fixtures/dcap/standings.ts";
import { claimOf } from "../../fixtures/dcap/usualClaim.ts";
import { collateral, platform, quote } from "../../fixtures/dcap/usualQuote.ts";
import { createVerifier } from "../../fixtures/sgx/dcapVerifier.ts";
import { faultOf, REPORT_DATA, verifySimulated } from "../../fixtures/sgx/simulation.ts";

/** The usual quote, with a certificate in the place of its CA's that the root signed for the CA's name and key, but not as a CA. */
function withSigningCertificate(): Uint8Array {
  let ofSigner: readonly Uint8Array[] = [];
  const { pckCa } = platform.collateral({
    edits: {
      tcbSigning: (fields) => {
        ofSigner = fields.extensions;
        return fields;
      },
    },
  });
  const signing = platform.collateral({ edits: { pckCa: (fields) => ({ ...fields, extensions: ofSigner }) } }).pckCa;
  expect(signing).not.to.deep.equal(pckCa);
  const [leaf, , root] = parsePem(Buffer.from(parseQuote(quote).certificationData).toString("latin1"));
  const certificationData = new Uint8Array(Buffer.from(writePem([leaf!, signing, root!])));
  return platform.quote({ reportData: REPORT_DATA, edits: { quote: (fields) => ({ ...fields, certificationData }) } });
}

describe("a quote whose CA the root did not certify as one", () => {
  const bytes = withSigningCertificate();
  let world: Awaited<ReturnType<typeof createVerifier>>;

  before(async () => {
    world = await createVerifier();
    await world.fill(collateral);
  });
  after(async () => world.connection.close());

  it("is refused off chain, by the judge and in a review", async () => {
    expect(faultOf(() => verifySimulated(bytes, collateral)).code).to.equal("PckIssuer");
    expect(await world.judge(bytes, claimOf(bytes), { collateral })).not.to.equal(HOLDS);
    expect(await world.judge(quote, claimOf(quote), { collateral })).to.equal(HOLDS);
    await expect(world.verifier.review(bytes, encodeReview({ quote, collateral }))).to.be.revertedWithCustomError(
      world.verifier,
      "DcapVerifierWrongChain",
    );
  });
});
