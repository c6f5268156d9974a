import { sameBytes } from "./bytes.ts";
import { parseCertificate, type Certificate } from "./certificate.ts";
import { Tag } from "./der.ts";
import { fail, guard } from "./errors.ts";
import { IntelName } from "./names.ts";
import { verifyP256 } from "./p256.ts";
import { parsePem } from "./pem.ts";
import type { ParsedQuote } from "./quote.ts";

/** What of a quote says which certificates in it count. */
export type Certified = Pick<ParsedQuote, "certificationData" | "qeReportBytes" | "qeReportSignature">;

/** Whom a certificate names, each name as DER. */
interface Names {
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
}

/** How many bytes an element's content has and how many stand before it; nothing for lengths of other forms. */
function lengthAt(der: Uint8Array, position: number): readonly [size: number, head: number] | undefined {
  const [first = 0, second = 0, third = 0] = der.subarray(position + 1);
  if (first < 0x80) return [first, 2];
  if (first === 0x81) return [second, 3];
  return first === 0x82 ? [second * 256 + third, 4] : undefined;
}

/** Where an element's content begins and where it ends; nothing where there is no such element. */
function enter(der: Uint8Array, position: number, tag: number): { content: number; next: number } | undefined {
  if (position + 4 > der.length || der[position] !== tag) return undefined;
  const length = lengthAt(der, position);
  if (length === undefined) return undefined;
  const content = position + length[1];
  const next = content + length[0];
  return next > der.length ? undefined : { content, next };
}

/** Where the last of elements with these tags ends that stand one after the other; nothing where one is another. */
function pass(der: Uint8Array, position: number | undefined, ...tags: readonly number[]): number | undefined {
  let next = position;
  for (const tag of tags) next = next === undefined ? undefined : enter(der, next, tag)?.next;
  return next;
}

/**
 * The names in a certificate that may be anybody's, to choose those that are worth reading. Nothing is judged, and
 * nothing refused.
 */
export function namesOf(der: Uint8Array): Names | undefined {
  const whole = enter(der, 0, Tag.Sequence);
  const signed = whole && enter(der, whole.content, Tag.Sequence);
  const issuer = pass(der, signed?.content, Tag.Context0, Tag.Integer, Tag.Sequence);
  const validity = pass(der, issuer, Tag.Sequence);
  const subject = pass(der, validity, Tag.Sequence);
  const end = pass(der, subject, Tag.Sequence);
  return end === undefined
    ? undefined
    : { issuer: der.subarray(issuer, validity), subject: der.subarray(subject, end) };
}

/** The certificates that are made out to a name, in the order in which they stand. */
export function certificatesTo(certificates: readonly Uint8Array[], name: Uint8Array): Uint8Array[] {
  return certificates.filter((der) => sameBytes(namesOf(der)?.subject ?? new Uint8Array(), name));
}

/** All certificates in a quote, as DER. */
export function certificatesIn({ certificationData }: Pick<Certified, "certificationData">): Uint8Array[] {
  return parsePem(Buffer.from(certificationData).toString("latin1"));
}

const readLeaf = (der: Uint8Array): Certificate =>
  guard("PckEncoding", "the PCK certificate cannot be read", () => parseCertificate(der));

const readCa = (der: Uint8Array): Certificate =>
  guard("CertificationData", "the CA's certificate in the quote cannot be read", () => parseCertificate(der));

/**
 * DER of a quote's PCK certificate, wherever it stands: of those made out as one that whose key signed the QE's report, or
 * the first if none did.
 *
 * @throws {SgxVerificationError} where there is none, or one of several cannot be read.
 */
export function findLeafDer(quote: Certified): Uint8Array {
  const certificates = certificatesIn(quote);
  if (certificates.length === 0) fail("CertificationData", "there is no certificate in the quote");
  const [first, ...more] = certificatesTo(certificates, IntelName.pck);
  if (first === undefined) fail("PckSubject", "no certificate in the quote is made out as a PCK certificate");
  if (more.length === 0) return first;
  const { qeReportBytes, qeReportSignature } = quote;
  const isSigner = (der: Uint8Array): boolean => verifyP256(readLeaf(der).publicKey, qeReportBytes, qeReportSignature);
  return [first, ...more].find(isSigner) ?? first;
}

/**
 * A quote's PCK certificate, as {@link findLeafDer} finds it. Neither itself nor its signature is verified.
 *
 * @throws {SgxVerificationError} where there is none, or it cannot be read.
 */
export function findLeaf(quote: Certified): Certificate {
  return readLeaf(findLeafDer(quote));
}

/**
 * DER of the certificate of the CA that issued a quote's PCK certificate: of those made out to its issuer the one whose key
 * signed it, or the first if none did. Neither is verified.
 *
 * @throws {SgxVerificationError} where there is none, or it cannot be read.
 */
export function findCaDer(quote: Certified): Uint8Array {
  const leaf = findLeaf(quote);
  const named = certificatesTo(certificatesIn(quote), leaf.issuer);
  const ca = named.find((der) => verifyP256(readCa(der).publicKey, leaf.tbs, leaf.signature)) ?? named[0];
  return ca ?? fail("CertificationData", `there is no certificate of "${leaf.issuerText}" in the quote`);
}
