import { bytesOfDigits, concatBytes, keccak256, toHex, type Hex } from "../sgx/bytes.ts";
import { EvidenceKind } from "./evidence.ts";

/** What is read back from evidence of `verify`: what an attestation rests on, without the quoted enclave. */
export interface ReadEvidence {
  readonly kind: EvidenceKind;
  readonly evaluationNumber: number;
  /** 64 bytes. */
  readonly attestationKey: Uint8Array;
  /** First 16 bytes of keccak256 of attestation key and QE id. */
  readonly keyTag: Hex;
  /** MISCSELECT, ATTRIBUTES, MRSIGNER, ISVPRODID, ISVSVN of the QE's report; evidence of the kind `Cached` has only their hash. */
  readonly qeFacts: Uint8Array | undefined;
  /** What identifies the PCK certificate, by the evidence's kind. */
  readonly leaf: LeafInEvidence;
}

/** The PCK certificate in DER, or the 148 bytes of `Known`, or the 32 and 46 bytes of `Cached`. */
export type LeafInEvidence =
  | { readonly kind: typeof EvidenceKind.New; readonly der: Uint8Array }
  | { readonly kind: typeof EvidenceKind.Known; readonly bytes: Uint8Array }
  | { readonly kind: typeof EvidenceKind.Cached; readonly leafKey: Hex };

/** Kind, number, header fields, report and signature stand before the attestation key. */
const KEY = 1 + 2 + 4 + 20 + 104 + 64;
/** A report as evidence has it: CPUSVN first, MRENCLAVE in the middle, which no QE identity looks at. */
const REPORT = { size: 104, misc: [16, 36], signer: [68, 104] } as const;

/** Bytes taken one after the other; taking more than there are gives nothing for the whole. */
class Cursor {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  take(length: number): Uint8Array {
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    if (part.length !== length) throw new RangeError("the evidence ends within a field");
    this.#at += length;
    return part;
  }

  number(length: number): number {
    return this.take(length).reduce((value, byte) => value * 256 + byte, 0);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError("the evidence goes on behind its end");
  }
}

const tag = (key: Uint8Array, qeId: Uint8Array): Hex => `0x${keccak256(concatBytes(key, qeId)).slice(2, 34)}`;

/**
 * Reads evidence that `encodeEvidence` packs.
 *
 * @throws {RangeError} for anything else.
 */
export function readEvidence(evidence: Hex): ReadEvidence {
  const cursor = new Cursor(bytesOfDigits(evidence), 0);
  const kind = cursor.number(1);
  const evaluationNumber = cursor.number(2);
  cursor.take(KEY - 3);
  const attestationKey = cursor.take(64);
  if (kind === EvidenceKind.Cached) {
    const qeId = cursor.take(16);
    const leafKey = keccak256(cursor.take(32 + 46));
    cursor.end();
    const leaf = { kind, leafKey };
    return { kind, evaluationNumber, attestationKey, keyTag: tag(attestationKey, qeId), qeFacts: undefined, leaf };
  }
  if (kind !== EvidenceKind.Known && kind !== EvidenceKind.New)
    throw new RangeError(`evidence of unknown kind ${kind}`);
  const report = cursor.take(REPORT.size);
  const qeFacts = concatBytes(report.subarray(...REPORT.misc), report.subarray(...REPORT.signer));
  cursor.take(cursor.number(2) + 64);
  cursor.take(cursor.number(1) * 20 + 128);
  cursor.take(cursor.number(1) * 32);
  cursor.take(cursor.number(2));
  const leaf =
    kind === EvidenceKind.New ? { kind, der: cursor.take(cursor.number(2)) } : { kind, bytes: cursor.take(148) };
  cursor.end();
  const qeId = bytesOfDigits(keccak256(qeFacts)).subarray(0, 16);
  return { kind, evaluationNumber, attestationKey, keyTag: tag(attestationKey, qeId), qeFacts, leaf };
}

/** The slot key of the 148 bytes of `Known`. */
export function leafKeyOfKnown(bytes: Uint8Array): Hex {
  return keccak256(concatBytes(bytesOfDigits(keccak256(bytes.subarray(0, 102))), bytes.subarray(102)));
}

/** The serial number in the 148 bytes of `Known`, in hexadecimal digits without leading zero bytes. */
export function serialOfKnown(bytes: Uint8Array): string {
  return toHex(bytes.subarray(64, 84))
    .slice(2)
    .replace(/^(00)+(?=..)/, "");
}
