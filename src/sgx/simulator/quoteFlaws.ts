import { concatBytes } from "../bytes.ts";
import { AttributeFlag, type ReportBody } from "../reportBody.ts";
import { flipBit, type QuoteEdits } from "./edits.ts";

const withFlag =
  (flag: number) =>
  (report: ReportBody): ReportBody => {
    const attributes = new Uint8Array(report.attributes);
    attributes[0] = (attributes[0] ?? 0) | flag;
    return { ...report, attributes };
  };

/** With one bit of the attributes turned over, counted from the lowest bit of their first byte. */
const withAttribute =
  (bit: number) =>
  (report: ReportBody): ReportBody => ({ ...report, attributes: turnBit(report.attributes, bit) });

const withMisc =
  (bit: number) =>
  (report: ReportBody): ReportBody => ({ ...report, miscSelect: turnBit(report.miscSelect, bit) });

function turnBit(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, i) => (i === bit >>> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

/** The bytes with some of them replaced, from an offset on. */
const put =
  (offset: number, ...values: readonly number[]) =>
  (bytes: Uint8Array): Uint8Array => {
    const copy = new Uint8Array(bytes);
    copy.set(values, offset);
    return copy;
  };

/** Offset of the auth data's length. */
const AUTH_LENGTH = 1012;

const QUOTE_FLAWS = {
  // Well signed, but not acceptable.
  debug: { report: withFlag(AttributeFlag.debug) },
  provisionKey: { report: withFlag(AttributeFlag.provisionKey) },
  einitTokenKey: { report: withFlag(AttributeFlag.einitTokenKey) },
  notInitialized: { report: withAttribute(0) },
  not64Bit: { report: withAttribute(2) },
  reservedAttribute: { report: withAttribute(3) },
  reservedHighAttribute: { report: withAttribute(63) },
  reservedMiscSelect: { report: withMisc(2) },
  kssConfigId: { report: (report) => ({ ...report, configId: flipBit(report.configId, 63) }) },
  kssConfigSvn: { report: (report) => ({ ...report, configSvn: 1 }) },
  kssExtProdId: { report: (report) => ({ ...report, isvExtProdId: flipBit(report.isvExtProdId, 0) }) },
  kssFamilyId: { report: (report) => ({ ...report, isvFamilyId: flipBit(report.isvFamilyId, 15) }) },
  reportDataTail: { report: (report) => ({ ...report, reportData: flipBit(report.reportData, 63) }) },
  qeMiscSelect: { qeReport: (report) => ({ ...report, miscSelect: flipBit(report.miscSelect, 0) }) },
  qeDebug: { qeReport: withFlag(AttributeFlag.debug) },
  qeMrSigner: { qeReport: (report) => ({ ...report, mrSigner: flipBit(report.mrSigner, 0) }) },
  qeIsvProdId: { qeReport: (report) => ({ ...report, isvProdId: 2 }) },
  qeUnsupported: { qeReport: (report) => ({ ...report, isvSvn: 0 }) },
  qeKssConfigId: { qeReport: (report) => ({ ...report, configId: flipBit(report.configId, 63) }) },
  qeReportDataTail: { qeReport: (report) => ({ ...report, reportData: flipBit(report.reportData, 63) }) },

  // Changed after signing.
  mrEnclave: {
    quote: (quote) => ({ ...quote, report: { ...quote.report, mrEnclave: flipBit(quote.report.mrEnclave, 0) } }),
  },
  reportData: {
    quote: (quote) => ({ ...quote, report: { ...quote.report, reportData: flipBit(quote.report.reportData, 0) } }),
  },
  isvSignature: { quote: (quote) => ({ ...quote, isvSignature: flipBit(quote.isvSignature, 63) }) },
  zeroSignature: { quote: (quote) => ({ ...quote, isvSignature: new Uint8Array(64) }) },
  attestationKey: { quote: (quote) => ({ ...quote, attestationKey: flipBit(quote.attestationKey, 0) }) },
  qeAuthData: { quote: (quote) => ({ ...quote, qeAuthData: flipBit(quote.qeAuthData, 0) }) },
  qeReport: { quote: (quote) => ({ ...quote, qeReport: { ...quote.qeReport, isvSvn: quote.qeReport.isvSvn ^ 1 } }) },
  qeReportSignature: { quote: (quote) => ({ ...quote, qeReportSignature: flipBit(quote.qeReportSignature, 0) }) },
  vendor: { quote: (quote) => ({ ...quote, qeVendorId: flipBit(quote.qeVendorId, 0) }) },
  certificates: { quote: (quote) => ({ ...quote, certificationData: new Uint8Array(Buffer.from("no certificates")) }) },

  // Not even a quote.
  version: { bytes: put(0, 4) },
  tdx: { bytes: (bytes) => put(4, 0x81)(put(0, 4)(bytes)) },
  attestationKeyType: { bytes: put(2, 3) },
  teeType: { bytes: put(4, 0x81) },
  reserved: { bytes: put(48 + 96, 1) },
  qeReserved: { bytes: put(564 + 262, 1) },
  certificationType: { bytes: (bytes) => put(AUTH_LENGTH + 2 + 32, 4)(bytes) },
  authLength: { bytes: put(AUTH_LENGTH, 0xff, 0xff) },
  certificationLength: { bytes: (bytes) => put(AUTH_LENGTH + 2 + 32 + 2, 0)(bytes) },
  signatureLength: { bytes: put(432, 0, 0, 0, 0) },
  truncated: { bytes: (bytes) => bytes.subarray(0, -1) },
  empty: { bytes: () => new Uint8Array() },
  trailing: { bytes: (bytes) => concatBytes(bytes, Uint8Array.of(0)) },
  oversized: { bytes: (bytes) => concatBytes(bytes, new Uint8Array(16_384)) },
} as const satisfies Record<string, QuoteEdits>;

/** A way in which a simulated quote can be wrong. */
export type QuoteFlaw = keyof typeof QUOTE_FLAWS;

/** Every flaw that a simulated quote can have. */
export const QUOTE_FLAW_NAMES = Object.keys(QUOTE_FLAWS) as readonly QuoteFlaw[];

/** The changes that make a flaw. */
export function quoteEdits(flaw: QuoteFlaw | undefined): QuoteEdits {
  return flaw === undefined ? {} : QUOTE_FLAWS[flaw];
}
