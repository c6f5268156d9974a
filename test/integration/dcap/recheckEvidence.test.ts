import { expect } from "chai";

import { encodeReview } from "../../../src/dcap/index.ts";
import { fromHex, toHex } from "../../../src/sgx/bytes.ts";
import { USUAL_QE_LEVELS, USUAL_TCB_LEVELS } from "../../../src/sgx/simulator/documents.ts";
import {
  createRecheckedVerifier,
  recheckOf,
  subject,
  type RecheckedVerifier,
} from "../../fixtures/dcap/recheckedVerifier.ts";
import { collateral, platform, quote } from "../../fixtures/dcap/usualQuote.ts";

describe("DcapVerifier: reads what it is to judge again by", () => {
  let world: RecheckedVerifier;

  before(async () => {
    world = await createRecheckedVerifier();
  });
  beforeEach(async () => world.restore());

  it("refuses contents that are not the chain's", async () => {
    for (const options of [
      { crlEntries: 45 },
      { tcbLevels: USUAL_TCB_LEVELS.slice(1) },
      { qeLevels: USUAL_QE_LEVELS.slice(1) },
    ]) {
      const other = platform.collateral(options);
      for (const call of [
        world.verifier.recheck(recheckOf(other)),
        world.verifier.review(quote, encodeReview({ quote, collateral: other })),
      ]) {
        await expect(call).to.be.revertedWithCustomError(world.verifier, "DcapVerifierWrongContents");
      }
    }
  });

  it("names another subject for another key, QE, leaf, CA key or number", async () => {
    const evidence = fromHex(recheckOf(collateral))!;
    const found = new Set<string>();
    // Number, attestation key, CPU-independent QE fields and each field of the leaf; the QE's masked bytes keep it valid.
    for (const offset of [
      3,
      60,
      66 + 16,
      evidence.length - 148,
      evidence.length - 70,
      evidence.length - 33,
      evidence.length - 1,
    ]) {
      const changed = new Uint8Array(evidence);
      changed[offset] = (changed[offset] ?? 0) ^ 1;
      const named = await world.verifier.recheck(toHex(changed)).then(
        (answer) => answer.subject,
        () => "refused",
      );
      expect(named, `byte ${offset}`).not.to.equal(subject);
      found.add(named);
    }
    expect(found.size).to.be.above(4);
  });

  it("refuses evidence of another length, or for a CA that there is not", async () => {
    const bytes = fromHex(recheckOf(collateral))!;
    const unknownCa = new Uint8Array(bytes);
    unknownCa[bytes.length - 34] = 2;
    for (const wrong of [new Uint8Array(), bytes.subarray(0, -1), Uint8Array.from([...bytes, 0]), unknownCa]) {
      await expect(world.verifier.recheck(wrong))
        .to.be.revertedWithCustomError(world.verifier, "DcapVerifierMalformed")
        .withArgs(wrong.length);
    }
    const review = fromHex(encodeReview({ quote, collateral }))!;
    for (const wrong of [new Uint8Array(), review.subarray(0, -1), Uint8Array.from([...review, 0])]) {
      await expect(world.verifier.review(quote, wrong))
        .to.be.revertedWithCustomError(world.verifier, "DcapVerifierMalformed")
        .withArgs(wrong.length);
    }
  });
});
