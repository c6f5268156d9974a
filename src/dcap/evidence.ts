import { concatBytes, keccak256, toHex, type Hex } from "../sgx/bytes.ts";
import { parseCertificate } from "../sgx/certificate.ts";
import { findLeafDer } from "../sgx/chain.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { parseQuote, type ParsedQuote } from "../sgx/quote.ts";
import { checkKss, checkPadding, checkQeReportData, checkVendor } from "../sgx/quoteChecks.ts";
import type { ReportBody } from "../sgx/reportBody.ts";
import { contentsOf, uint16, type CollateralContents } from "./contents.ts";
import {
  keyTagOf,
  leafIdOf,
  leafKeyOf,
  leafTail,
  qeFacts,
  qeIdOf,
  parseLeaf,
  reportNumbers,
  serialOfKnown,
  subjectOf,
} from "./leaf.ts";
import { revocationProof } from "./revocationTree.ts";

/**
 * How much of a quote's proof is shown to the on-chain verifier: `New` for a PCK certificate that it has never seen,
 * `Known` for one that it has, `Cached` where nothing has changed since it last judged the certificate.
 */
export const EvidenceKind = { Cached: 0, Known: 1, New: 2 } as const;

export type EvidenceKind = (typeof EvidenceKind)[keyof typeof EvidenceKind];

/** What evidence is made from. */
export interface EvidenceOptions {
  readonly kind: EvidenceKind;
  /** Exactly the quote's bytes; see `trimQuote`. */
  readonly quote: Uint8Array;
  /** What the store holds for the quote's platform family: the documents, or what they say. */
  readonly collateral: Collateral | CollateralContents;
  /** Which of its CA's keys signed the PCK certificate, as the store's `issuerOf` numbers it. */
  readonly caGeneration: number;
  /** The tcbEvaluationDataNumber to judge by; the collateral's by default. */
  readonly evaluationNumber?: number;
}

const contentsIn = (collateral: Collateral | CollateralContents): CollateralContents =>
  "serials" in collateral ? collateral : contentsOf(collateral);

/** Bytes behind the number of units that they are, itself of one byte or two. */
function counted(bytes: Uint8Array, unit: number, countBytes: 1 | 2, what: string): Uint8Array {
  const count = bytes.length / unit;
  const most = 256 ** countBytes - 1;
  if (count > most) throw new RangeError(`${count} ${what} are more than the ${most} that evidence can carry`);
  return concatBytes(uint16(count).subarray(2 - countBytes), bytes);
}

function sized(bytes: Uint8Array, what: string): Uint8Array {
  if (bytes.length > 0xffff) throw new RangeError(`${what} has ${bytes.length} bytes, more than evidence can carry`);
  return concatBytes(uint16(bytes.length), bytes);
}

/** What a report says where it may say anything: 104 bytes. */
function packReport(report: ReportBody): Uint8Array {
  const { cpuSvn, miscSelect, attributes, mrEnclave, mrSigner } = report;
  return concatBytes(cpuSvn, miscSelect, attributes, mrEnclave, mrSigner, reportNumbers(report));
}

/** Bucket, siblings, levels and QE identity, as all kinds of evidence but `Cached` have them. */
function packContents({ serials, levels, qeIdentity }: CollateralContents, serial: string): Uint8Array {
  const { bucket, siblings } = revocationProof(serials, serial);
  return concatBytes(
    counted(bucket, 20, 2, "revoked serial numbers in a bucket"),
    siblings,
    counted(levels, 32, 1, "TCB levels"),
    sized(qeIdentity, "the QE identity"),
  );
}

/** The serial number by which the bucket is chosen. What cannot be read is shown all the same: the chain refuses it by name. */
function serialOfLeaf(der: Uint8Array): string {
  try {
    return parseCertificate(der).serial;
  } catch {
    return "0";
  }
}

function packQe(quote: ParsedQuote): Uint8Array {
  return concatBytes(
    packReport(quote.qeReport),
    sized(quote.qeAuthData, "the QE's authentication data"),
    quote.qeReportSignature,
  );
}

function packProof(
  kind: EvidenceKind,
  quote: ParsedQuote,
  contents: CollateralContents,
  caGeneration: number,
): Uint8Array {
  const der = findLeafDer(quote);
  if (kind === EvidenceKind.New) {
    return concatBytes(
      packQe(quote),
      packContents(contents, serialOfLeaf(der)),
      Uint8Array.of(caGeneration),
      sized(der, "the PCK certificate"),
    );
  }
  const leaf = parseLeaf(der);
  const tail = leafTail(leaf, caGeneration);
  if (kind === EvidenceKind.Cached) return concatBytes(qeIdOf(quote.qeReport), leafIdOf(leaf), tail);
  return concatBytes(packQe(quote), packContents(contents, leaf.serial), leaf.identity, tail);
}

/** What evidence leaves out must be what the chain puts back: else another quote would be shown than the one given. */
function checkLeftOut(quote: ParsedQuote): void {
  checkVendor(quote);
  checkKss(quote.report, "the enclave");
  checkPadding(quote.report.reportData);
  checkKss(quote.qeReport, "the QE");
  checkQeReportData(quote);
}

/**
 * Packs evidence for `verify` of the on-chain verifier, in the form that `IDcapVerifier` states. The first half of the
 * report data is not part of it: the verifier's caller says what that must be.
 *
 * @throws {SgxVerificationError} for a quote or collateral that cannot be read, and a quote whose bytes would be others
 * when the chain has put back what evidence leaves out.
 */
export function encodeEvidence({ kind, quote: bytes, collateral, caGeneration, ...more }: EvidenceOptions): Hex {
  const quote = parseQuote(bytes);
  checkLeftOut(quote);
  const contents = contentsIn(collateral);
  return toHex(
    concatBytes(
      Uint8Array.of(kind),
      uint16(more.evaluationNumber ?? contents.evaluationNumber),
      quote.signedBytes.subarray(8, 12),
      quote.userData,
      packReport(quote.report),
      quote.isvSignature,
      quote.attestationKey,
      packProof(kind, quote, contents, caGeneration),
    ),
  );
}

/** What evidence to judge an attestation again is made from. */
export interface RecheckOptions {
  /** The quote of the attestation, or any other of the same platform, PCK certificate, attestation key and QE. */
  readonly quote: Uint8Array;
  /** What the store holds now, for the number by which it judges: the documents, or what they say. */
  readonly collateral: Collateral | CollateralContents;
  /** Which of its CA's keys signed the PCK certificate. */
  readonly caGeneration: number;
  /** The tcbEvaluationDataNumber by which the attestation was judged. */
  readonly evaluationNumber: number;
}

/**
 * Packs evidence for `recheck` of the on-chain verifier.
 *
 * @throws {SgxVerificationError} for a quote or collateral that cannot be read.
 */
export function encodeRecheck({ quote: bytes, collateral, caGeneration, evaluationNumber }: RecheckOptions): Hex {
  const quote = parseQuote(bytes);
  const leaf = parseLeaf(findLeafDer(quote));
  return packRecheck(
    {
      evaluationNumber,
      attestationKey: quote.attestationKey,
      qeFacts: qeFacts(quote.qeReport),
      leaf: concatBytes(leaf.identity, leafTail(leaf, caGeneration)),
    },
    contentsIn(collateral),
  );
}

/** What an attestation rests on, as evidence to judge it again names it. */
export interface RecheckFacts {
  /** The tcbEvaluationDataNumber by which the attestation was judged. */
  readonly evaluationNumber: number;
  /** 64 bytes. */
  readonly attestationKey: Uint8Array;
  /** 56 bytes. */
  readonly qeFacts: Uint8Array;
  /** The 148 bytes of `Known` about the PCK certificate. */
  readonly leaf: Uint8Array;
}

/** Packs evidence for `recheck` of the on-chain verifier, where there is no quote at hand. */
export function packRecheck(facts: RecheckFacts, contents: CollateralContents): Hex {
  const { evaluationNumber, attestationKey, qeFacts: qe, leaf } = facts;
  const shown = packContents(contents, serialOfKnown(leaf));
  return toHex(concatBytes(uint16(evaluationNumber), attestationKey, qe, shown, leaf));
}

/**
 * Packs evidence for `review` of a quote judge, which judges by the store's floor: the collateral must be that number's.
 *
 * @throws {SgxVerificationError} for a quote or collateral that cannot be read.
 */
export function encodeReview({ quote, collateral }: Pick<EvidenceOptions, "quote" | "collateral">): Hex {
  const { serial } = parseLeaf(findLeafDer(parseQuote(quote)));
  return toHex(packContents(contentsIn(collateral), serial));
}

/** Where and how the on-chain verifier keeps what a quote rests on. */
export interface QuoteKeys {
  /** The argument of `leafOf`. */
  readonly leafKey: Hex;
  /** What `leafOf` answers as `keyTag` while the PCK certificate's last quote had this attestation key and QE. */
  readonly keyTag: Hex;
  /** The subject of the attestation. */
  readonly subject: Hex;
}

/**
 * Says where the verifier keeps what a quote rests on, and how it names it.
 *
 * @param bytes The quote.
 * @param caGeneration Which of its CA's keys signed the PCK certificate, as the store's `issuerOf` numbers it.
 * @param evaluationNumber The tcbEvaluationDataNumber to judge by.
 * @throws {SgxVerificationError} for a quote that cannot be read.
 */
export function quoteKeys(bytes: Uint8Array, caGeneration: number, evaluationNumber: number): QuoteKeys {
  const quote = parseQuote(bytes);
  const leafKey = leafKeyOf(parseLeaf(findLeafDer(quote)), caGeneration);
  const keyTag = keyTagOf(quote);
  return { leafKey, keyTag, subject: subjectOf(leafKey, keyTag, evaluationNumber) };
}

/** How the on-chain verifier names a quote: keccak256 of its first 432 bytes. */
export function onChainQuoteHash(bytes: Uint8Array): Hex {
  return keccak256(parseQuote(bytes).signedBytes);
}
