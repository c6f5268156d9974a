import { concatBytes, keccak256, bytesOfDigits, sameBytes, toHex, type Hex } from "../sgx/bytes.ts";
import { parseCertificate } from "../sgx/certificate.ts";
import { fail, guard } from "../sgx/errors.ts";
import { ExtensionOid } from "../sgx/extensions.ts";
import { IntelName } from "../sgx/names.ts";
import type { Quote } from "../sgx/quote.ts";
import type { ReportBody } from "../sgx/reportBody.ts";
import { parseSgxExtension } from "../sgx/sgxExtension.ts";
import { uint16 } from "./contents.ts";
import { serialBytes } from "./revocationTree.ts";

/** `PckCa` of contracts/types/Collateral.sol. */
export const PckCa = { Platform: 0, Processor: 1 } as const;

export type PckCa = (typeof PckCa)[keyof typeof PckCa];

/** What the chain keeps of a PCK certificate, in the forms that it hashes. */
export interface LeafFacts {
  readonly ca: PckCa;
  /** In hexadecimal digits. */
  readonly serial: string;
  /** 6 bytes. */
  readonly fmspc: Hex;
  /** 2 bytes. */
  readonly pceId: Hex;
  /** Unix seconds. */
  readonly notAfter: bigint;
  /** keccak256 of the platform's PPID. */
  readonly platformId: Hex;
  /** The 102 bytes whose keccak256 is the leaf id: PCK key, serial number, component SVNs, PCESVN. */
  readonly identity: Uint8Array;
}

/**
 * Reads a PCK certificate. Nothing is verified: that is the chain's.
 *
 * @param der The certificate.
 * @throws {SgxVerificationError} where it is not a PCK certificate.
 */
export function parseLeaf(der: Uint8Array): LeafFacts {
  const certificate = guard("PckEncoding", "the PCK certificate cannot be read", () => parseCertificate(der));
  const extension = certificate.extensions.get(ExtensionOid.sgx);
  if (extension === undefined) fail("SgxExtension", "the PCK certificate has no SGX extension");
  const platform = guard("SgxExtension", "the SGX extension cannot be read", () => parseSgxExtension(extension.value));
  const { components, pceSvn } = platform.tcb;
  return {
    ca: sameBytes(certificate.issuer, IntelName.processorCa) ? PckCa.Processor : PckCa.Platform,
    serial: certificate.serial,
    fmspc: toHex(platform.fmspc),
    pceId: toHex(platform.pceId),
    notAfter: certificate.notAfter,
    platformId: keccak256(platform.ppid),
    identity: concatBytes(
      certificate.publicKey,
      serialBytes(certificate.serial),
      Uint8Array.from(components),
      uint16(pceSvn),
    ),
  };
}

/** The 46 bytes that follow the leaf id: FMSPC, PCEID, notAfter, CA, the generation of its key, and the platform. */
export function leafTail({ fmspc, pceId, notAfter, ca, platformId }: LeafFacts, caGeneration: number): Uint8Array {
  const end = new Uint8Array(4);
  new DataView(end.buffer).setUint32(0, Number(notAfter));
  const tail = Uint8Array.of(ca, caGeneration);
  return concatBytes(bytesOfDigits(fmspc), bytesOfDigits(pceId), end, tail, bytesOfDigits(platformId));
}

/** The serial number in the 148 bytes of `Known`, in hexadecimal digits without leading zero bytes. */
export function serialOfKnown(known: Uint8Array): string {
  return toHex(known.subarray(64, 84))
    .slice(2)
    .replace(/^(00)+(?=..)/, "");
}

/** The leaf id, 32 bytes. */
export const leafIdOf = ({ identity }: LeafFacts): Uint8Array => bytesOfDigits(keccak256(identity));

/**
 * Where the verifier keeps a PCK certificate: the argument of `leafOf`.
 *
 * @param caGeneration Which of its CA's keys signed it, as the store's `issuerOf` numbers it.
 */
export function leafKeyOf(leaf: LeafFacts, caGeneration: number): Hex {
  return keccak256(concatBytes(leafIdOf(leaf), leafTail(leaf, caGeneration)));
}

/** What a QE identity judges of a quoting enclave, 56 bytes: MISCSELECT, ATTRIBUTES, MRSIGNER, ISVPRODID, ISVSVN. */
export function qeFacts(report: ReportBody): Uint8Array {
  return concatBytes(report.miscSelect, report.attributes, report.mrSigner, reportNumbers(report));
}

/** ISVPRODID and ISVSVN as they stand in a report, little-endian. */
export function reportNumbers({ isvProdId, isvSvn }: ReportBody): Uint8Array {
  return Uint8Array.of(isvProdId & 0xff, isvProdId >>> 8, isvSvn & 0xff, isvSvn >>> 8);
}

const qeIdOfFacts = (facts: Uint8Array): Uint8Array => bytesOfDigits(keccak256(facts)).subarray(0, 16);

/** The QE id, 16 bytes. */
export const qeIdOf = (report: ReportBody): Uint8Array => qeIdOfFacts(qeFacts(report));

/** `keyTag` of a leaf's slot: which attestation key and QE it certified last, 16 bytes. */
export function keyTagOf({ attestationKey, qeReport }: Pick<Quote, "attestationKey" | "qeReport">): Hex {
  return keyTagOfFacts(attestationKey, qeFacts(qeReport));
}

/**
 * The same, where there is no quote at hand.
 *
 * @param facts What {@link qeFacts} says.
 */
export function keyTagOfFacts(attestationKey: Uint8Array, facts: Uint8Array): Hex {
  return `0x${keccak256(concatBytes(attestationKey, qeIdOfFacts(facts))).slice(2, 34)}`;
}

/**
 * The subject that the verifier gives an attestation: 16 bytes and 16 zeros.
 *
 * @param leafKey What {@link leafKeyOf} says.
 * @param keyTag What {@link keyTagOf} says.
 * @param evaluationNumber The tcbEvaluationDataNumber by which it was judged.
 */
export function subjectOf(leafKey: Hex, keyTag: Hex, evaluationNumber: number): Hex {
  const hash = keccak256(concatBytes(bytesOfDigits(leafKey), bytesOfDigits(keyTag), uint16(evaluationNumber)));
  return `0x${hash.slice(2, 34)}${"00".repeat(16)}`;
}
