import { createPublicKey, verify, type KeyObject } from "node:crypto";

import { concatBytes } from "./bytes.ts";
import { parseDer, DerError, parseSequence, Tag, unsigned } from "./der.ts";

/** DER of a P-256 SubjectPublicKeyInfo up to its 64 bytes x and y; Intel writes no other form. */
export const SPKI_PREFIX: Uint8Array = new Uint8Array(
  Buffer.from("3059301306072a8648ce3d020106082a8648ce3d03010703420004", "hex"),
);

/** The key of 64 bytes x and y; nothing where they are no point on P-256. */
export function parsePublicKey(point: Uint8Array): KeyObject | undefined {
  if (point.length !== 64) return undefined;
  try {
    return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, point]), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}

/**
 * Whether `signature` (r and s, 32 big-endian bytes each) is a key's ECDSA signature of the message's SHA-256. Both
 * signs of s are valid, as for Intel and EIP-7951: about half of Intel's signatures have a high s.
 */
export function verifyP256(point: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = parsePublicKey(point);
  if (key === undefined || signature.length !== 64) return false;
  return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
}

function scalar(magnitude: Uint8Array): Uint8Array {
  if (magnitude.length > 32) throw new DerError("the signature's number has more than 32 bytes");
  return concatBytes(new Uint8Array(32 - magnitude.length), magnitude);
}

/** r and s, 64 bytes, of the DER form that certificates and CRLs carry. */
export function parseSignature(bytes: Uint8Array): Uint8Array {
  const [r, s] = parseSequence(parseDer(bytes, Tag.Sequence, "the signature"), 2, "the signature");
  return concatBytes(scalar(unsigned(r, "the signature's r")), scalar(unsigned(s, "the signature's s")));
}
