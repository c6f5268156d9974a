import { concatBytes, utf8 } from "./bytes.ts";
import { Tag } from "./der.ts";

/** One DER element of a tag and its content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...content);
  const octets: number[] = [];
  if (body.length < 0x80) octets.push(body.length);
  else {
    for (let rest = body.length; rest > 0; rest >>>= 8) octets.unshift(rest & 0xff);
    octets.unshift(0x80 | octets.length);
  }
  return concatBytes(Uint8Array.of(tag, ...octets), body);
}

/** A SEQUENCE. */
export const sequence = (...content: readonly Uint8Array[]): Uint8Array => der(Tag.Sequence, ...content);

/** A non-negative INTEGER from its big-endian magnitude. */
export function integer(magnitude: Uint8Array): Uint8Array {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const minimal = magnitude.subarray(start);
  const sign = (minimal[0] ?? 0) >= 0x80 || minimal.length === 0 ? Uint8Array.of(0) : new Uint8Array();
  return der(Tag.Integer, sign, minimal);
}

/** An INTEGER from a number, 0 to 2^32 - 1. */
export function smallInteger(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return integer(bytes);
}

/** A BIT STRING of whole octets. */
export const bitString = (bytes: Uint8Array): Uint8Array => der(Tag.BitString, Uint8Array.of(0), bytes);

/** An OCTET STRING. */
export const octetString = (bytes: Uint8Array): Uint8Array => der(Tag.OctetString, bytes);

/** An OBJECT IDENTIFIER from the hexadecimal digits of its content. */
export const objectIdentifier = (digits: string): Uint8Array =>
  der(Tag.ObjectIdentifier, new Uint8Array(Buffer.from(digits, "hex")));

/** A BOOLEAN. */
export const bool = (value: boolean): Uint8Array => der(Tag.Boolean, Uint8Array.of(value ? 0xff : 0));

/** A UTCTime from Unix seconds; years 1950 to 2049. */
export function utcTimeOf(seconds: bigint): Uint8Array {
  const digits = new Date(Number(seconds) * 1000).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return der(Tag.UtcTime, utf8(`${digits}Z`));
}
