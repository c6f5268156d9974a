import { concatBytes, keccak256, type Hex } from "./bytes.ts";
import { fail } from "./errors.ts";
import { parseReportBody, REPORT_BODY_SIZE, writeReportBody, type ReportBody } from "./reportBody.ts";

/** Length of header and report body, which the enclave's quote signature covers. */
const SIGNED_SIZE = 432;

/** Offset of the signature data; the 4 bytes before it say its length. */
const SIGNATURE_DATA = 436;

/** Length of signature data without auth data and certification data. */
const FIXED_SIGNATURE_DATA = 64 + 64 + REPORT_BODY_SIZE + 64 + 2 + 2 + 4;

/** No SGX quote with a certificate chain comes near this size. */
export const MAX_QUOTE_SIZE = 16_384;

/** Of Intel's quotes, that of TDX 1.5: what says more is a text, or something else. */
const NEWEST_VERSION = 5;

/** Intel's QE vendor id. */
export const INTEL_QE_VENDOR = "939a7233f79c4ca9940a0db3957f0607";

/** Certification data type 5: the PCK certificate chain in PEM. */
const PCK_CHAIN = 5;

/** An SGX quote of version 3 with an ECDSA P-256 attestation key. */
export interface Quote {
  /** Informational; never used for a TCB. */
  readonly qeSvn: number;
  readonly pceSvn: number;
  /** 16 bytes. */
  readonly qeVendorId: Uint8Array;
  /** 20 bytes. */
  readonly userData: Uint8Array;
  /** The quoted enclave's report. */
  readonly report: ReportBody;
  /** By the attestation key over the first 432 bytes; r and s, 64 bytes. */
  readonly isvSignature: Uint8Array;
  /** x and y, 64 bytes. */
  readonly attestationKey: Uint8Array;
  readonly qeReport: ReportBody;
  /** By the PCK leaf over the QE report; r and s, 64 bytes. */
  readonly qeReportSignature: Uint8Array;
  /** At most 65535 bytes, 32 in practice. */
  readonly qeAuthData: Uint8Array;
  /** PEM of PCK leaf, CA and root. */
  readonly certificationData: Uint8Array;
}

/** A quote together with the bytes that its signatures cover. */
export interface ParsedQuote extends Quote {
  /** Header and report, 432 bytes. */
  readonly signedBytes: Uint8Array;
  /** The QE report, 384 bytes. */
  readonly qeReportBytes: Uint8Array;
  /** keccak256 over exactly the quote's bytes. */
  readonly quoteHash: Hex;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** How long a quote says it is: 436 bytes and its signature data. */
function statedSize(bytes: Uint8Array): number {
  if (bytes.length < SIGNATURE_DATA) {
    fail("QuoteTruncated", `the quote has ${bytes.length} bytes, fewer than the ${SIGNATURE_DATA} of any quote`);
  }
  return SIGNATURE_DATA + viewOf(bytes).getUint32(SIGNED_SIZE, true);
}

function checkHeader(bytes: Uint8Array): void {
  if (bytes.length < 8) fail("QuoteTruncated", `the quote has ${bytes.length} bytes, not even a whole header`);
  const view = viewOf(bytes);
  const version = view.getUint16(0, true);
  const teeType = view.getUint32(4, true);
  const named = teeType === 0x81 ? ", a quote of TDX," : "";
  if (version > NEWEST_VERSION) {
    const start = Buffer.from(bytes.subarray(0, 8)).toString("hex");
    fail("QuoteVersion", `the bytes begin with 0x${start}, as no quote of Intel's does`);
  }
  if (version !== 3) fail("QuoteVersion", `the quote has version ${version}${named} instead of 3`);
  const keyType = view.getUint16(2, true);
  if (keyType !== 2) fail("AttestationKeyType", `the attestation key has type ${keyType} instead of 2 (ECDSA P-256)`);
  if (teeType !== 0) fail("TeeType", `the quote is of TEE type 0x${teeType.toString(16)}${named} instead of 0 (SGX)`);
}

/**
 * Cuts off what follows a quote, as quoting libraries leave zeros behind it. A quote has one hash only without them.
 *
 * @throws {SgxVerificationError} `QuoteTruncated` where the bytes are fewer than the quote says, or the header's fault
 * for what is not an SGX quote of version 3.
 */
export function trimQuote(bytes: Uint8Array): Uint8Array {
  checkHeader(bytes);
  const size = statedSize(bytes);
  if (bytes.length < size) fail("QuoteTruncated", `the quote has ${bytes.length} bytes and says ${size}`);
  return bytes.subarray(0, size);
}

function checkSize(bytes: Uint8Array): void {
  if (bytes.length > MAX_QUOTE_SIZE) {
    fail("QuoteOversized", `the quote has ${bytes.length} bytes, more than ${MAX_QUOTE_SIZE}`);
  }
  const size = statedSize(bytes);
  if (bytes.length < size) fail("QuoteTruncated", `the quote has ${bytes.length} bytes and says ${size}`);
  if (bytes.length > size) fail("QuoteTrailingBytes", `the quote has ${bytes.length} bytes and says ${size}`);
  if (size < SIGNATURE_DATA + FIXED_SIGNATURE_DATA) {
    fail(
      "QuoteLength",
      `the quote's signature data has ${size - SIGNATURE_DATA} bytes, fewer than ${FIXED_SIGNATURE_DATA}`,
    );
  }
}

/** Auth data and certification data, whose lengths together must fill the signature data exactly. */
function parseTail(bytes: Uint8Array): Pick<Quote, "qeAuthData" | "certificationData"> {
  const view = viewOf(bytes);
  const authLength = view.getUint16(1012, true);
  const certification = 1014 + authLength;
  if (certification + 6 > bytes.length) {
    fail("QuoteLength", `the auth data says ${authLength} bytes, ${bytes.length - 1014 - 6} are there`);
  }
  const type = view.getUint16(certification, true);
  if (type !== PCK_CHAIN) fail("CertificationType", `the certification data has type ${type} instead of ${PCK_CHAIN}`);
  const length = view.getUint32(certification + 2, true);
  const certificationData = bytes.subarray(certification + 6);
  if (certificationData.length !== length) {
    fail("QuoteLength", `the certification data says ${length} bytes, ${certificationData.length} are there`);
  }
  return { qeAuthData: bytes.subarray(1014, certification), certificationData };
}

/**
 * Parses an SGX quote of version 3, strictly: every length must be the truth, nothing may follow, reserved bytes are
 * zero (Intel, "SGX ECDSA Quote Library Reference", appendix A). Nothing is verified yet.
 *
 * @throws {SgxVerificationError} naming what is wrong, for TDX and other versions too.
 */
export function parseQuote(bytes: Uint8Array): ParsedQuote {
  checkHeader(bytes);
  checkSize(bytes);
  const view = viewOf(bytes);
  const at = (offset: number, length: number): Uint8Array => bytes.subarray(offset, offset + length);
  const qeReportBytes = at(564, REPORT_BODY_SIZE);
  return {
    qeSvn: view.getUint16(8, true),
    pceSvn: view.getUint16(10, true),
    qeVendorId: at(12, 16),
    userData: at(28, 20),
    report: parseReportBody(at(48, REPORT_BODY_SIZE), "the enclave's report"),
    isvSignature: at(436, 64),
    attestationKey: at(500, 64),
    qeReport: parseReportBody(qeReportBytes, "the QE's report"),
    qeReportSignature: at(948, 64),
    ...parseTail(bytes),
    signedBytes: at(0, SIGNED_SIZE),
    qeReportBytes,
    quoteHash: keccak256(bytes),
  };
}

/** Header and report, the 432 bytes that the attestation key signs. */
export function writeSignedBytes(
  quote: Pick<Quote, "qeSvn" | "pceSvn" | "qeVendorId" | "userData" | "report">,
): Uint8Array {
  const start = new Uint8Array(12);
  const view = viewOf(start);
  view.setUint16(0, 3, true);
  view.setUint16(2, 2, true);
  view.setUint16(8, quote.qeSvn, true);
  view.setUint16(10, quote.pceSvn, true);
  return concatBytes(start, quote.qeVendorId, quote.userData, writeReportBody(quote.report));
}

/** The bytes of a quote; what {@link parseQuote} reads back. */
export function buildQuote(quote: Quote): Uint8Array {
  const auth = new Uint8Array(2);
  viewOf(auth).setUint16(0, quote.qeAuthData.length, true);
  const certification = new Uint8Array(6);
  viewOf(certification).setUint16(0, PCK_CHAIN, true);
  viewOf(certification).setUint32(2, quote.certificationData.length, true);
  const signatureData = concatBytes(
    quote.isvSignature,
    quote.attestationKey,
    writeReportBody(quote.qeReport),
    quote.qeReportSignature,
    auth,
    quote.qeAuthData,
    certification,
    quote.certificationData,
  );
  const length = new Uint8Array(4);
  viewOf(length).setUint32(0, signatureData.length, true);
  return concatBytes(writeSignedBytes(quote), length, signatureData);
}
