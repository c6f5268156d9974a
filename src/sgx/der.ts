/** What is wrong with a DER encoding. Readers of whole documents turn it into their own typed error. */
export class DerError extends Error {
  override readonly name = "DerError";
}

/** DER tags that Intel's certificates and CRLs use. */
export const Tag = {
  Boolean: 0x01,
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  ObjectIdentifier: 0x06,
  Enumerated: 0x0a,
  Utf8String: 0x0c,
  PrintableString: 0x13,
  UtcTime: 0x17,
  Sequence: 0x30,
  Set: 0x31,
  Context0: 0xa0,
  Context3: 0xa3,
} as const;

/** One element: its tag, its content, and the whole of its encoding. */
export interface DerNode {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly encoded: Uint8Array;
}

function byteAt(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset];
  if (byte === undefined) throw new DerError(`the encoding ends after ${bytes.length} bytes, inside an element`);
  return byte;
}

/** Reads the element at an offset: one-byte tag, definite and minimal length (X.690, 8.1.3 and 10.1). */
function nodeAt(bytes: Uint8Array, offset: number): DerNode {
  const tag = byteAt(bytes, offset);
  if ((tag & 0x1f) === 0x1f) throw new DerError(`long tag 0x${tag.toString(16)}`);
  const first = byteAt(bytes, offset + 1);
  let start = offset + 2;
  let length = first;
  if (first >= 0x80) {
    const octets = first & 0x7f;
    if (octets === 0 || octets > 3) throw new DerError(`length octet 0x${first.toString(16)}`);
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + byteAt(bytes, start + i);
    start += octets;
    if (length < (octets === 1 ? 0x80 : 256 ** (octets - 1))) throw new DerError(`length ${length} is not minimal`);
  }
  const end = start + length;
  if (end > bytes.length) throw new DerError(`an element says ${length} bytes, ${bytes.length - start} are left`);
  return { tag, content: bytes.subarray(start, end), encoded: bytes.subarray(offset, end) };
}

/** The elements that a content is made of, with no byte between or after them. */
export function parseChildren(node: DerNode): DerNode[] {
  const children: DerNode[] = [];
  for (let offset = 0; offset < node.content.length;) {
    const child = nodeAt(node.content, offset);
    children.push(child);
    offset += child.encoded.length;
  }
  return children;
}

/** The element with the tag expected at this place. */
export function expectTag(node: DerNode | undefined, tag: number, what: string): DerNode {
  if (node === undefined) throw new DerError(`${what} is missing`);
  if (node.tag !== tag)
    throw new DerError(`${what} has tag 0x${node.tag.toString(16)} instead of 0x${tag.toString(16)}`);
  return node;
}

/** The elements of a sequence that must have exactly so many. */
export function parseSequence(node: DerNode | undefined, count: number, what: string): DerNode[] {
  const children = parseChildren(expectTag(node, Tag.Sequence, what));
  if (children.length !== count) throw new DerError(`${what} has ${children.length} elements instead of ${count}`);
  return children;
}

/** The one element that a byte string consists of. */
export function parseDer(bytes: Uint8Array, tag: number, what: string): DerNode {
  const node = expectTag(nodeAt(bytes, 0), tag, what);
  const rest = bytes.length - node.encoded.length;
  if (rest !== 0) throw new DerError(`${what} is followed by ${rest} bytes`);
  return node;
}

/** Magnitude of an INTEGER that must be positive or zero and minimal; zero is one zero byte. */
export function unsigned(node: DerNode | undefined, what: string): Uint8Array {
  const { content } = expectTag(node, Tag.Integer, what);
  const first = byteAt(content, 0);
  if (first >= 0x80) throw new DerError(`${what} is negative`);
  if (first !== 0 || content.length === 1) return content;
  if (byteAt(content, 1) < 0x80) throw new DerError(`${what} is not minimal`);
  return content.subarray(1);
}

/** An INTEGER from 0 to `max` (at most 2^48). */
export function smallUnsigned(node: DerNode | undefined, max: number, what: string): number {
  const magnitude = unsigned(node, what);
  const value = magnitude.length > 6 ? Infinity : Buffer.from(magnitude).readUIntBE(0, magnitude.length);
  if (value > max) throw new DerError(`${what} is ${value}, more than ${max}`);
  return value;
}

/** A BOOLEAN, whose only encodings are 00 and FF (X.690, 11.1). */
export function boolean(node: DerNode | undefined, what: string): boolean {
  const { content } = expectTag(node, Tag.Boolean, what);
  const value = byteAt(content, 0);
  if (content.length !== 1 || (value !== 0 && value !== 0xff)) throw new DerError(`${what} is not a DER boolean`);
  return value === 0xff;
}

/** The octets of a BIT STRING without unused bits. */
export function wholeBits(node: DerNode | undefined, what: string): Uint8Array {
  const { content } = expectTag(node, Tag.BitString, what);
  if (byteAt(content, 0) !== 0) throw new DerError(`${what} has unused bits`);
  return content.subarray(1);
}

/** Room for any OID in use, and for the contract's reader to hold one in a word. */
const MAX_OID_SIZE = 31;

/** The content octets of a minimal OBJECT IDENTIFIER, in hexadecimal; that spells an OID as surely as dots do. */
export function oid(node: DerNode | undefined, what: string): string {
  const { content } = expectTag(node, Tag.ObjectIdentifier, what);
  if (content.length > MAX_OID_SIZE) throw new DerError(`${what} has ${content.length} bytes, too many`);
  let starts = true;
  for (const byte of content) {
    if (starts && byte === 0x80) throw new DerError(`${what} is not minimal`);
    starts = byte < 0x80;
  }
  if (content.length === 0 || !starts) throw new DerError(`${what} is cut off`);
  return Buffer.from(content).toString("hex");
}

/** Unix seconds of a UTCTime, `YYMMDDHHMMSSZ`, years 1950 to 2049 (RFC 5280, 4.1.2.5.1). */
export function utcTime(node: DerNode | undefined, what: string): bigint {
  const text = Buffer.from(expectTag(node, Tag.UtcTime, what).content).toString("latin1");
  if (!/^\d{12}Z$/.test(text)) throw new DerError(`${what} is not a UTCTime in seconds`);
  const century = text < "50" ? "20" : "19";
  const iso = (century + text).replace(/^(....)(..)(..)(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const time = new Date(iso);
  // A day or an hour that does not exist either has no time or rolls over into another one.
  if (Number.isNaN(time.getTime()) || time.toISOString() !== iso.replace("Z", ".000Z")) {
    throw new DerError(`${what} ${iso} does not exist`);
  }
  return BigInt(time.getTime() / 1000);
}
