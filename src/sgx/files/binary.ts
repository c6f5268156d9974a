import { isZero } from "../bytes.ts";
import { namesOf } from "../chain.ts";
import { parseCrl } from "../crl.ts";
import { parseReportBody, REPORT_BODY_SIZE } from "../reportBody.ts";
import { countBytes, type Found, type Other } from "./found.ts";

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const startsWith = (bytes: Uint8Array, ...start: readonly number[]): boolean =>
  bytes.length >= start.length && start.every((byte, i) => bytes[i] === byte);

/** A report of an enclave, MAC and all: what a quoting enclave makes a quote of. */
const REPORT_SIZE = 432;

const QUOTE_IT =
  "Have the platform's quoting enclave make a quote of it (sgx_qe_get_quote, or /dev/attestation/quote in Gramine).";

const SGX_ONLY = "Quote with Intel's ECDSA quoting enclave for SGX (DCAP, quote version 3).";

const evidence = (what: string, remedy = SGX_ONLY): Other => ({ what, remedy, isEvidence: true });

/** Whether a program took the bytes for text and wrote U+FFFD for those that it could not read. */
function isMangled(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).toString("latin1").split("\u00ef\u00bf\u00bd").length > 8;
}

/** The TEEs whose quotes have Intel's header. */
const TEES: Readonly<Record<number, string>> = { 0: "an SGX", 0x81: "a TDX" };

/** The curves of attestation keys, by their types. */
const CURVES: Readonly<Record<number, string>> = { 2: "P-256", 3: "P-384" };

/** A quote of SGX's version 3, unless a program took its bytes for text. */
function sgxQuote(bytes: Uint8Array): Found {
  const remedy = "Write it again as bytes, or in hexadecimal digits or base64.";
  return isMangled(bytes)
    ? evidence("an SGX quote that was saved as text, by which bytes were lost", remedy)
    : { quote: bytes };
}

/** What a quote's header says it is: a quote of some kind; nothing where the bytes begin as none does. */
function quoteByHeader(bytes: Uint8Array): Found | undefined {
  if (bytes.length < 8) return undefined;
  const view = viewOf(bytes);
  const [version, teeType] = [view.getUint16(0, true), view.getUint32(4, true)];
  const [tee, curve] = [TEES[teeType], CURVES[view.getUint16(2, true)]];
  if (tee === undefined || curve === undefined || version < 3 || version > 5) return undefined;
  if (teeType !== 0 || version !== 3) return evidence(`${tee} quote of version ${version}`);
  return curve === "P-256"
    ? sgxQuote(bytes)
    : evidence("an SGX quote with an attestation key on P-384 instead of P-256");
}

/** An EPID quote (versions 1 to 3), by its header and the length of its signature. */
function epidQuote(bytes: Uint8Array): Other | undefined {
  if (bytes.length < REPORT_SIZE + 4) return undefined;
  const view = viewOf(bytes);
  const [version, signType] = [view.getUint16(0, true), view.getUint16(2, true)];
  if (version < 1 || version > 3 || signType > 1) return undefined;
  const isWhole = REPORT_SIZE + 4 + view.getUint32(REPORT_SIZE, true) <= bytes.length;
  return isWhole
    ? evidence(`an EPID quote of version ${version}, which Intel's retired attestation service judged`)
    : undefined;
}

/** A report that no quoting enclave has signed. */
function sgxReport(bytes: Uint8Array): Other | undefined {
  if (bytes.length !== REPORT_SIZE && bytes.length !== REPORT_BODY_SIZE) return undefined;
  try {
    parseReportBody(bytes.subarray(0, REPORT_BODY_SIZE), "the report");
  } catch {
    return undefined;
  }
  const which = bytes.length === REPORT_SIZE ? "a REPORT" : "the body of a REPORT";
  const what = `${which} of ${countBytes(bytes.length)}, which only enclaves of the same platform can check`;
  return evidence(what, QUOTE_IT);
}

/** Reports and documents of other machines, by length and first bytes. */
function otherMachines(bytes: Uint8Array): Other | undefined {
  if (bytes.length === 1024 && bytes[0] === 0x81) return evidence("a TDREPORT of TDX");
  const isSnp = bytes.length === 1184 && startsWith(bytes.subarray(1), 0, 0, 0);
  if (isSnp) return evidence("an attestation report of AMD SEV-SNP");
  return startsWith(bytes, 0x84, 0x44, 0xa1, 0x01) ? evidence("an attestation document of AWS Nitro") : undefined;
}

/** First bytes of files that are something else. */
const MAGIC: readonly (readonly [what: string, ...start: number[]])[] = [
  ["a gzip archive", 0x1f, 0x8b],
  ["a zip archive", 0x50, 0x4b, 0x03, 0x04],
  ["a program (ELF)", 0x7f, 0x45, 0x4c, 0x46],
  ["a picture (PNG)", 0x89, 0x50, 0x4e, 0x47],
];

/** A certificate, a revocation list, or another structure in DER. */
function derFile(bytes: Uint8Array): Other | undefined {
  if (!startsWith(bytes, 0x30, 0x82)) return undefined;
  if (namesOf(bytes) !== undefined) return { what: "a certificate in DER" };
  try {
    parseCrl(bytes);
    return { what: "a revocation list in DER" };
  } catch {
    return { what: `${countBytes(bytes.length)} of DER, such as a certificate` };
  }
}

/** Where the data begins behind a header of Open Enclave: 16 bytes, or 32 with a format's UUID. */
const OPEN_ENCLAVE: Readonly<Record<number, { readonly data: number; readonly size: number }>> = {
  1: { data: 16, size: 8 },
  2: { data: 32, size: 24 },
  3: { data: 32, size: 24 },
};

/** What stands behind a header of Open Enclave (openenclave/internal/report.h and plugin.h); nothing where there is none. */
function insideOpenEnclave(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < 32) return undefined;
  const view = viewOf(bytes);
  const place = OPEN_ENCLAVE[view.getUint32(0, true)];
  if (place === undefined) return undefined;
  const size = view.getBigUint64(place.size, true);
  const isInside = size > 0n && size <= BigInt(bytes.length - place.data);
  return isInside ? bytes.subarray(place.data, place.data + Number(size)) : undefined;
}

/** Files that are neither quotes nor anything like them. */
function otherFile(bytes: Uint8Array): Other | undefined {
  if (bytes.length > 0 && isZero(bytes)) return { what: `${countBytes(bytes.length)}, all of them zero` };
  const [what] = MAGIC.find(([, ...start]) => startsWith(bytes, ...start)) ?? [];
  return what === undefined ? undefined : { what };
}

const openEnclave = (bytes: Uint8Array): Found | undefined => {
  const inside = insideOpenEnclave(bytes);
  return inside === undefined ? undefined : recogniseBytes(inside);
};

/** The kinds of files, those first whose marks are the surest. */
const KINDS = [openEnclave, quoteByHeader, epidQuote, sgxReport, otherMachines, derFile, otherFile] as const;

/** What bytes are; nothing where only a text, or nothing, could be made of them. */
export function recogniseBytes(bytes: Uint8Array): Found | undefined {
  for (const kind of KINDS) {
    const found = kind(bytes);
    if (found !== undefined) return found;
  }
  return undefined;
}
