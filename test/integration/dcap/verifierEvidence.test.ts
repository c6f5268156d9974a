import { expect } from "chai";

import { commitmentsOf, contentsOf, EvidenceKind, revocationProof } from "../../../src/dcap/index.ts";
import { revertDataOf } from "../../../src/errors.ts";
import { fromHex, toHex, type Hex } from "../../../src/sgx/bytes.ts";
import { parseCertificate } from "../../../src/sgx/certificate.ts";
import { USUAL_TCB_LEVELS } from "../../../src/sgx/simulator/documents.ts";
import { flipBit } from "../../../src/sgx/simulator/edits.ts";
import { createFilledVerifier, type FilledVerifier } from "../../fixtures/dcap/filledVerifier.ts";
import { collateral, platform, quote } from "../../fixtures/dcap/usualQuote.ts";
import { evidenceOf } from "../../fixtures/sgx/dcapVerifier.ts";
import { REPORT_DATA } from "../../fixtures/sgx/simulation.ts";

const { Cached, Known, New } = EvidenceKind;

describe("DcapVerifier: reads evidence to the last bit", () => {
  let world: FilledVerifier;

  before(async () => {
    world = await createFilledVerifier();
  });
  beforeEach(async () => world.restore());

  it("names the contents that differ", async () => {
    const { serials, levels, qeIdentity } = contentsOf(collateral);
    const held = commitmentsOf({ serials, levels, qeIdentity, evaluationNumber: 17 });
    const other = platform.collateral({ tcbLevels: USUAL_TCB_LEVELS.slice(1) });
    const given = commitmentsOf(contentsOf(other));
    await world.refuses(
      evidenceOf(quote, other),
      "DcapVerifierWrongContents",
      REPORT_DATA,
      held.tcbLevels,
      given.tcbLevels,
    );
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
    await world.refuses(swapped, "DcapVerifierWrongContents");
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
    const malformed = (bytes: Uint8Array) =>
      world.refuses(toHex(bytes), "DcapVerifierMalformed", REPORT_DATA, bytes.length);
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
});
