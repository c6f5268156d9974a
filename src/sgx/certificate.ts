import { sameBytes } from "./bytes.ts";
import {
  parseChildren,
  parseDer,
  DerError,
  expectTag,
  oid,
  parseSequence,
  smallUnsigned,
  Tag,
  unsigned,
  utcTime,
  wholeBits,
  type DerNode,
} from "./der.ts";
import { ExtensionOid, parseExtensions, requireExtensions, type Extension } from "./extensions.ts";
import { parseSignature, SPKI_PREFIX } from "./p256.ts";
import { readOnce } from "./readOnce.ts";
import { X509Certificate } from "./x509Library.ts";

/** A certificate of Intel's SGX hierarchy, read but not yet judged. */
export interface Certificate {
  readonly der: Uint8Array;
  /** The signed bytes. */
  readonly tbs: Uint8Array;
  /** r and s, 64 bytes. */
  readonly signature: Uint8Array;
  /** Hexadecimal digits of the serial number's magnitude, 1 to 20 bytes. */
  readonly serial: string;
  /** DER of the issuer's name. */
  readonly issuer: Uint8Array;
  /** DER of the subject's name. */
  readonly subject: Uint8Array;
  /** The names in words, for messages only. */
  readonly issuerText: string;
  readonly subjectText: string;
  /** Unix seconds, inclusive on both ends. */
  readonly notBefore: bigint;
  readonly notAfter: bigint;
  /** x and y, 64 bytes. */
  readonly publicKey: Uint8Array;
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** ecdsa-with-SHA256, 1.2.840.10045.4.3.2, without parameters (RFC 5758, 3.2). */
const ECDSA_WITH_SHA256 = "2a8648ce3d040302";

/** No certificate of Intel's hierarchy comes near this size. */
const MAX_CERTIFICATE_SIZE = 4096;

/** What every certificate of the hierarchy carries; Intel's QVL refuses one without any of them. */
const REQUIRED = [
  ExtensionOid.authorityKeyId,
  ExtensionOid.crlDistributionPoints,
  ExtensionOid.subjectKeyId,
  ExtensionOid.keyUsage,
  ExtensionOid.basicConstraints,
];

const UNDERSTOOD: readonly string[] = [...REQUIRED, ExtensionOid.sgx];

/** Refuses any signature algorithm but the one that Intel uses. */
export function expectSignatureAlgorithm(node: DerNode | undefined, what: string): void {
  const id = oid(parseSequence(node, 1, what)[0], what);
  if (id !== ECDSA_WITH_SHA256) throw new DerError(`${what} ${id} is not ecdsa-with-SHA256`);
}

/** Hexadecimal digits of a serial number: positive and at most 20 bytes (RFC 5280, 4.1.2.2). */
export function parseSerial(node: DerNode | undefined): string {
  const magnitude = unsigned(node, "the serial number");
  if (magnitude.length > 20) throw new DerError(`the serial number has ${magnitude.length} bytes, more than 20`);
  if (magnitude.length === 1 && magnitude[0] === 0) throw new DerError("the serial number is zero");
  return Buffer.from(magnitude).toString("hex");
}

/**
 * Splits a signed X.509 document into the bytes that are signed, their elements, and the signature.
 *
 * @throws {DerError} where it is not exactly such a document.
 */
export function parseSigned(
  bytes: Uint8Array,
  what: string,
): { tbs: DerNode; parts: DerNode[]; signature: Uint8Array } {
  const [tbs, algorithm, signature] = parseSequence(parseDer(bytes, Tag.Sequence, what), 3, what);
  expectSignatureAlgorithm(algorithm, "the signature algorithm");
  const body = expectTag(tbs, Tag.Sequence, "the signed part");
  return { tbs: body, parts: parseChildren(body), signature: parseSignature(wholeBits(signature, "the signature")) };
}

function parseSubjectKey(node: DerNode | undefined): Uint8Array {
  const { encoded } = expectTag(node, Tag.Sequence, "the public key");
  const key = encoded.subarray(SPKI_PREFIX.length);
  if (!sameBytes(encoded.subarray(0, SPKI_PREFIX.length), SPKI_PREFIX) || key.length !== 64) {
    throw new DerError("the public key is not an uncompressed point on P-256");
  }
  return key;
}

/** The library's view of a certificate. */
const readWithLibrary = readOnce((bytes) => {
  const library = new X509Certificate(new Uint8Array(bytes));
  return {
    serial: library.serialNumber.toLowerCase(),
    notBefore: library.notBefore.getTime(),
    notAfter: library.notAfter.getTime(),
    names: { issuerText: library.issuer, subjectText: library.subject },
  };
});

/**
 * The library's view of the same bytes; where two readers see different things, neither is to be believed. What is inside
 * extensions is left to those who use it: key ids and addresses decide nothing.
 */
function parseWithLibrary(
  certificate: Pick<Certificate, "der" | "serial" | "notBefore" | "notAfter">,
): Pick<Certificate, "issuerText" | "subjectText"> {
  const { serial, notBefore, notAfter, names } = readWithLibrary(certificate.der);
  const same =
    serial === certificate.serial &&
    notBefore === Number(certificate.notBefore) * 1000 &&
    notAfter === Number(certificate.notAfter) * 1000;
  if (!same) throw new DerError("two readers disagree about the certificate");
  return names;
}

/**
 * Reads a certificate: version 3, P-256, ecdsa-with-SHA256, in strict DER with the extensions that Intel's profile
 * asks for, each once, and none critical that is unknown.
 *
 * @throws {DerError} or the library's error where it is anything else; nothing is verified yet.
 */
export function parseCertificate(bytes: Uint8Array): Certificate {
  if (bytes.length > MAX_CERTIFICATE_SIZE) throw new DerError(`${bytes.length} bytes are more than a certificate has`);
  const { tbs, parts, signature } = parseSigned(bytes, "the certificate");
  if (parts.length !== 8) throw new DerError(`the signed part has ${parts.length} elements instead of 8`);
  const [version, serial, algorithm, issuer, validity, subject, publicKey, extensions] = parts;
  const [number, ...more] = parseChildren(expectTag(version, Tag.Context0, "the version"));
  if (more.length > 0 || smallUnsigned(number, 2, "the version") !== 2) throw new DerError("the version is not 3");
  expectSignatureAlgorithm(algorithm, "the signed signature algorithm");
  const [notBefore, notAfter] = parseSequence(validity, 2, "the validity");
  const [list, ...rest] = parseChildren(expectTag(extensions, Tag.Context3, "the extensions"));
  if (rest.length > 0) throw new DerError("the extensions are followed by something");
  const read = {
    der: bytes,
    tbs: tbs.encoded,
    signature,
    serial: parseSerial(serial),
    issuer: expectTag(issuer, Tag.Sequence, "the issuer").encoded,
    subject: expectTag(subject, Tag.Sequence, "the subject").encoded,
    notBefore: utcTime(notBefore, "notBefore"),
    notAfter: utcTime(notAfter, "notAfter"),
    publicKey: parseSubjectKey(publicKey),
    extensions: parseExtensions(list, UNDERSTOOD, "the certificate"),
  };
  requireExtensions(read.extensions, REQUIRED, "the certificate");
  return { ...read, ...parseWithLibrary(read) };
}
