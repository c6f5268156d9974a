import { concatBytes, isZero, toHex } from "./bytes.ts";
import { fail } from "./errors.ts";

/** Length of a report body. */
export const REPORT_BODY_SIZE = 384;

/** What an enclave's report says; the same for the quoted enclave and for the QE. Reserved bytes are zero. */
export interface ReportBody {
  /** 16 bytes of the reporting CPU; a TCB is never judged by it. */
  readonly cpuSvn: Uint8Array;
  /** 4 bytes. */
  readonly miscSelect: Uint8Array;
  /** 16 bytes, of key separation and sharing (KSS). */
  readonly isvExtProdId: Uint8Array;
  /** 8 bytes of flags, 8 bytes XFRM. */
  readonly attributes: Uint8Array;
  /** 32 bytes. */
  readonly mrEnclave: Uint8Array;
  /** 32 bytes. */
  readonly mrSigner: Uint8Array;
  /** 64 bytes, KSS. */
  readonly configId: Uint8Array;
  /** 0 to 65535, as both below. */
  readonly isvProdId: number;
  readonly isvSvn: number;
  /** KSS. */
  readonly configSvn: number;
  /** 16 bytes, KSS. */
  readonly isvFamilyId: Uint8Array;
  /** 64 bytes that the enclave chose. */
  readonly reportData: Uint8Array;
}

/** Flags in the first byte of ATTRIBUTES (Intel SDM volume 3D, SECS.ATTRIBUTES). */
export const AttributeFlag = {
  init: 0x01,
  debug: 0x02,
  mode64: 0x04,
  provisionKey: 0x10,
  einitTokenKey: 0x20,
} as const;

/** Offset and length of what Intel reserves in a report body. */
const RESERVED = [
  [20, 12],
  [96, 32],
  [160, 32],
  [262, 42],
] as const;

function uint16At(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint16(offset, true);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >>> 8);
}

/** Reads a report body from its 384 bytes; `label` names whose it is. */
export function parseReportBody(bytes: Uint8Array, label: string): ReportBody {
  const at = (offset: number, length: number): Uint8Array => bytes.subarray(offset, offset + length);
  for (const [offset, length] of RESERVED) {
    const reserved = at(offset, length);
    if (!isZero(reserved)) fail("ReportReserved", `${label} has ${toHex(reserved)} in its reserved bytes at ${offset}`);
  }
  return {
    cpuSvn: at(0, 16),
    miscSelect: at(16, 4),
    isvExtProdId: at(32, 16),
    attributes: at(48, 16),
    mrEnclave: at(64, 32),
    mrSigner: at(128, 32),
    configId: at(192, 64),
    isvProdId: uint16At(bytes, 256),
    isvSvn: uint16At(bytes, 258),
    configSvn: uint16At(bytes, 260),
    isvFamilyId: at(304, 16),
    reportData: at(320, 64),
  };
}

/** The 384 bytes of a report body. Byte fields are taken at their stated lengths. */
export function writeReportBody(body: ReportBody): Uint8Array {
  return concatBytes(
    body.cpuSvn,
    body.miscSelect,
    new Uint8Array(12),
    body.isvExtProdId,
    body.attributes,
    body.mrEnclave,
    new Uint8Array(32),
    body.mrSigner,
    new Uint8Array(32),
    body.configId,
    uint16(body.isvProdId),
    uint16(body.isvSvn),
    uint16(body.configSvn),
    new Uint8Array(42),
    body.isvFamilyId,
    body.reportData,
  );
}
