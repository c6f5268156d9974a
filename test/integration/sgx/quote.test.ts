import { expect } from "chai";

import { concatBytes, keccak256, toHex } from "../../../src/sgx/bytes.ts";
import { buildQuote, MAX_QUOTE_SIZE, parseQuote, trimQuote, type Quote } from "../../../src/sgx/quote.ts";
import { faultOf, REPORT_DATA, simulator } from "../../fixtures/sgx/simulation.ts";

describe("SGX quote: bytes and fields", () => {
  const bytes = simulator.platform().quote({ reportData: REPORT_DATA, isvProdId: 0x0102, isvSvn: 0xfffe });
  const codeOf = (quote: Uint8Array): string => faultOf(() => parseQuote(quote)).code;

  it("has every field where Intel's layout has it", () => {
    const quote = parseQuote(bytes);
    const at = (offset: number, length: number): string => toHex(bytes.subarray(offset, offset + length));
    expect(at(0, 8)).to.equal("0x0300020000000000");
    expect(toHex(quote.qeVendorId)).to.equal(at(12, 16));
    expect(toHex(quote.userData)).to.equal(at(28, 20));
    expect(toHex(quote.report.attributes)).to.equal(at(48 + 48, 16));
    expect(toHex(quote.report.mrEnclave)).to.equal(at(48 + 64, 32));
    expect(toHex(quote.report.mrSigner)).to.equal(at(48 + 128, 32));
    expect(at(48 + 256, 2)).to.equal("0x0201");
    expect(quote.report.isvProdId).to.equal(0x0102);
    expect(at(48 + 258, 2)).to.equal("0xfeff");
    expect(quote.report.isvSvn).to.equal(0xfffe);
    expect(toHex(quote.report.reportData)).to.equal(at(48 + 320, 64));
    expect(toHex(quote.isvSignature)).to.equal(at(436, 64));
    expect(toHex(quote.attestationKey)).to.equal(at(500, 64));
    expect(toHex(quote.qeReportBytes)).to.equal(at(564, 384));
    expect(toHex(quote.qeReportSignature)).to.equal(at(948, 64));
    expect(toHex(quote.qeAuthData)).to.equal(at(1014, 32));
    expect(bytes.length).to.equal(436 + Buffer.from(bytes).readUInt32LE(432));
  });

  it("is the same after parsing and building, also with other lengths of auth data", () => {
    expect(toHex(buildQuote(parseQuote(bytes)))).to.equal(toHex(bytes));
    for (const length of [0, 1, 31, 1000]) {
      const quote: Quote = { ...parseQuote(bytes), qeAuthData: new Uint8Array(length).fill(7) };
      const again = parseQuote(buildQuote(quote));
      expect(again.qeAuthData.length).to.equal(length);
      expect(toHex(again.certificationData)).to.equal(toHex(quote.certificationData));
    }
  });

  it("hashes exactly its own bytes; what follows must be trimmed and changes nothing", () => {
    const padded = concatBytes(bytes, new Uint8Array(70));
    expect(codeOf(padded)).to.equal("QuoteTrailingBytes");
    expect(parseQuote(trimQuote(padded)).quoteHash).to.equal(keccak256(bytes));
    expect(trimQuote(bytes)).to.deep.equal(bytes);
  });

  it("refuses to trim what is shorter than it says", () => {
    for (const length of [0, 435, 436, bytes.length - 1]) {
      expect(faultOf(() => trimQuote(bytes.subarray(0, length))).code).to.equal("QuoteTruncated");
    }
  });

  it("refuses every proper beginning of a quote as truncated", () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(codeOf(bytes.subarray(0, length)), `${length} bytes`).to.equal("QuoteTruncated");
    }
  });

  it("refuses any other length in any of its three length fields", () => {
    const fields: readonly [offset: number, size: 2 | 4][] = [
      [432, 4],
      [1012, 2],
      [1014 + 32 + 2, 4],
    ];
    for (const [offset, size] of fields) {
      const truth = Buffer.from(bytes).readUIntLE(offset, size);
      for (const lie of [0, 1, truth - 1, truth + 1, 256 ** size - 1]) {
        const copy = Buffer.from(bytes);
        copy.writeUIntLE(lie, offset, size);
        // A wrong length of auth data may make its neighbour look like another type of certification data.
        expect(codeOf(new Uint8Array(copy)), `${lie} at ${offset}`).to.be.oneOf([
          "QuoteLength",
          "QuoteTruncated",
          "QuoteTrailingBytes",
          "CertificationType",
        ]);
      }
    }
  });

  it("refuses signature data too short to hold its fixed part", () => {
    const short = Buffer.from(bytes.subarray(0, 436 + 583));
    short.writeUInt32LE(583, 432);
    expect(codeOf(new Uint8Array(short))).to.equal("QuoteLength");
  });

  it("refuses more than its largest size before reading any of it", () => {
    expect(codeOf(concatBytes(bytes, new Uint8Array(MAX_QUOTE_SIZE - bytes.length)))).to.equal("QuoteTrailingBytes");
    expect(codeOf(concatBytes(bytes, new Uint8Array(MAX_QUOTE_SIZE - bytes.length + 1)))).to.equal("QuoteOversized");
  });

  it("reads a quote that lies inside a larger buffer", () => {
    const inside = concatBytes(new Uint8Array(13), bytes).subarray(13);
    expect(parseQuote(inside).quoteHash).to.equal(keccak256(bytes));
  });
});
