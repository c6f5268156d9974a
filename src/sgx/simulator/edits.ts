import type { Collateral } from "../collateral.ts";
import type { Quote } from "../quote.ts";
import type { ReportBody } from "../reportBody.ts";
import type { SimulatorKey } from "./keys.ts";
import type { CertificateFields, CrlFields } from "./x509.ts";

type Edit<T> = (value: T) => T;

/** Changes on the way to a quote. */
export interface QuoteEdits {
  /** Before the attestation key signs. */
  readonly report?: Edit<ReportBody>;
  /** Before the PCK key signs. */
  readonly qeReport?: Edit<ReportBody>;
  /** After everything is signed. */
  readonly quote?: Edit<Quote>;
  /** On the bytes themselves. */
  readonly bytes?: Edit<Uint8Array>;
}

/** Changes on the way to collateral. All but the last are made before the signature, which is therefore good. */
export interface CollateralEdits {
  readonly pckCa?: Edit<CertificateFields>;
  readonly tcbSigning?: Edit<CertificateFields>;
  readonly rootCrl?: Edit<CrlFields>;
  readonly pckCrl?: Edit<CrlFields>;
  readonly tcbInfo?: Edit<string>;
  readonly qeIdentity?: Edit<string>;
  /** After everything is signed. */
  readonly documents?: Edit<Collateral>;
}

/** What a flaw may need to know about the platform that it is put into. */
export interface FlawContext {
  /** The simulator's clock, Unix seconds. */
  readonly time: bigint;
  /** A key that has no place in the hierarchy. */
  readonly strangerKey: SimulatorKey;
  readonly pckSerial: Uint8Array;
  readonly caSerial: Uint8Array;
  readonly tcbSigningSerial: Uint8Array;
}

/** A value, changed if there is a change for it. */
export function edited<T>(value: T, ...edits: readonly (Edit<T> | undefined)[]): T {
  return edits.reduce<T>((result, edit) => (edit === undefined ? result : edit(result)), value);
}

/** The bytes with one bit of one of them turned over; negative offsets count from the end. */
export function flipBit(bytes: Uint8Array, offset: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  const at = offset < 0 ? bytes.length + offset : offset;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
