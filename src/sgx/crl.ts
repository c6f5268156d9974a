import { expectSignatureAlgorithm, parseSigned, parseSerial } from "./certificate.ts";
import { parseChildren, DerError, expectTag, smallUnsigned, Tag, utcTime, type DerNode } from "./der.ts";
import { ExtensionOid, parseExtensions, requireExtensions } from "./extensions.ts";
import { readOnce } from "./readOnce.ts";
import { X509Crl } from "./x509Library.ts";

/** A certificate revocation list, read but not yet judged. */
export interface Crl {
  readonly der: Uint8Array;
  /** The signed bytes. */
  readonly tbs: Uint8Array;
  /** r and s, 64 bytes. */
  readonly signature: Uint8Array;
  /** DER of the issuer's name. */
  readonly issuer: Uint8Array;
  /** The issuer's name in words, for messages only. */
  readonly issuerText: string;
  /** Unix seconds, inclusive on both ends. */
  readonly thisUpdate: bigint;
  readonly nextUpdate: bigint;
  /** Serial numbers that no longer hold, as {@link Certificate.serial} spells them. */
  readonly revoked: ReadonlySet<string>;
  /** The same in the list's order, one that stands there twice being twice here. */
  readonly serials: readonly string[];
}

/** Room for nearly 5,000 revoked certificates; the largest of Intel's lists so far has 129. */
const MAX_CRL_SIZE = 1 << 18;

function parseRevoked(list: DerNode): string[] {
  const entries = parseChildren(list);
  // An empty list must be left out (RFC 5280, 5.1.2.6).
  if (entries.length === 0) throw new DerError("the list of revoked certificates is empty but there");
  return entries.map((entry) => {
    const parts = parseChildren(expectTag(entry, Tag.Sequence, "a revoked certificate"));
    if (parts.length > 3) throw new DerError(`a revoked certificate has ${parts.length} elements`);
    const [serial, date, extensions] = parts;
    utcTime(date, "a revocation date");
    if (extensions !== undefined) parseExtensions(extensions, [ExtensionOid.reasonCode], "a revoked certificate");
    return parseSerial(serial);
  });
}

/** The library's view of a list. */
const readWithLibrary = readOnce((bytes) => {
  // The size is limited already; the library's own limit of elements would stop at some 1,200 entries.
  const library = new X509Crl(new Uint8Array(bytes), { berOptions: { maxNodes: bytes.length } });
  return {
    serials: library.entries.map((entry) => entry.serialNumber.toLowerCase()),
    nextUpdate: library.nextUpdate?.getTime(),
    issuerText: library.issuer,
  };
});

/** The library's view of the same bytes; where two readers see different things, neither is to be believed. */
function parseWithLibrary(bytes: Uint8Array, serials: readonly string[], nextUpdate: bigint): { issuerText: string } {
  const theirs = readWithLibrary(bytes);
  const same =
    theirs.serials.length === serials.length &&
    theirs.serials.every((serial, i) => serial === serials[i]) &&
    theirs.nextUpdate === Number(nextUpdate) * 1000;
  if (!same) throw new DerError("two readers disagree about the revocation list");
  return { issuerText: theirs.issuerText };
}

/**
 * Reads a revocation list: version 2, ecdsa-with-SHA256, with both dates, an authority key id and a CRL number, in
 * strict DER. Delta and partial lists announce themselves by critical extensions and are refused.
 *
 * @throws {DerError} or the library's error where it is anything else; nothing is verified yet.
 */
export function parseCrl(bytes: Uint8Array): Crl {
  if (bytes.length > MAX_CRL_SIZE) throw new DerError(`${bytes.length} bytes are more than a revocation list may have`);
  const { tbs, parts, signature } = parseSigned(bytes, "the revocation list");
  const [version, algorithm, issuer, thisUpdate, nextUpdate, ...rest] = parts;
  if (smallUnsigned(version, 1, "the version") !== 1) throw new DerError("the version is not 2");
  expectSignatureAlgorithm(algorithm, "the signed signature algorithm");
  const revoked = rest[0]?.tag === Tag.Sequence ? rest.shift() : undefined;
  const serials = revoked === undefined ? [] : parseRevoked(revoked);
  const [list, ...more] = parseChildren(expectTag(rest.shift(), Tag.Context0, "the extensions"));
  if (rest.length > 0 || more.length > 0) throw new DerError("the extensions are followed by something");
  const extensions = parseExtensions(list, [], "the revocation list");
  requireExtensions(extensions, [ExtensionOid.authorityKeyId, ExtensionOid.crlNumber], "the revocation list");
  const next = utcTime(nextUpdate, "nextUpdate");
  return {
    der: bytes,
    tbs: tbs.encoded,
    signature,
    issuer: expectTag(issuer, Tag.Sequence, "the issuer").encoded,
    thisUpdate: utcTime(thisUpdate, "thisUpdate"),
    nextUpdate: next,
    revoked: new Set(serials),
    serials,
    ...parseWithLibrary(bytes, serials, next),
  };
}
