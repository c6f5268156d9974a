import { expect } from "chai";

import { parseCertificate } from "../../../src/sgx/certificate.ts";
import { parseCrl } from "../../../src/sgx/crl.ts";
import { readOnce } from "../../../src/sgx/readOnce.ts";
import { flipBit } from "../../../src/sgx/simulator/edits.ts";
import { collateral } from "../../fixtures/dcap/usualQuote.ts";

describe("documents that are read once", () => {
  /** A reader that counts, and can read nothing that begins with 0. */
  function counting() {
    const count = { reads: 0 };
    const read = readOnce((bytes) => {
      count.reads++;
      if (bytes[0] === 0) throw new Error("unreadable");
      return { sum: bytes.reduce((sum, byte) => sum + byte, 0) };
    });
    return { count, read };
  }

  it("are found by their bytes, whichever array has them", () => {
    const { count, read } = counting();
    const bytes = Uint8Array.of(1, 2, 3);
    expect(read(bytes)).to.equal(read(Uint8Array.of(1, 2, 3)));
    expect(count.reads).to.equal(1);
    bytes[2] = 4;
    expect(read(bytes), "the same array with other bytes").to.deep.equal({ sum: 7 });
    expect(count.reads).to.equal(2);
  });

  it("fail each time where they cannot be read", () => {
    const { count, read } = counting();
    const fails = (): unknown => read(Uint8Array.of(0));
    expect(fails).to.throw("unreadable");
    expect(fails).to.throw("unreadable");
    expect(count.reads).to.equal(2);
  });

  it("are forgotten when many others were asked for since", () => {
    const { count, read } = counting();
    for (let byte = 1; byte <= 32; byte++) read(Uint8Array.of(byte));
    read(Uint8Array.of(1));
    expect(count.reads, "32 are kept").to.equal(32);
    read(Uint8Array.of(33));
    read(Uint8Array.of(1));
    expect(count.reads, "what was asked for last is kept").to.equal(33);
    read(Uint8Array.of(2));
    expect(count.reads, "the oldest is not").to.equal(34);
  });

  it("do not stand in for others that differ by a bit", () => {
    const { signature } = parseCrl(collateral.pckCrl);
    expect(parseCrl(flipBit(collateral.pckCrl, -1)).signature).to.not.deep.equal(signature);
    expect(parseCrl(collateral.pckCrl).signature).to.deep.equal(signature);
    const { serial } = parseCertificate(collateral.pckCa);
    const at = Buffer.from(collateral.pckCa).indexOf(Buffer.from(serial, "hex"));
    expect(parseCertificate(flipBit(collateral.pckCa, at + 5)).serial).to.not.equal(serial);
  });
});
