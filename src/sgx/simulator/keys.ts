import { createECDH, createHash, createHmac } from "node:crypto";

import { concatBytes } from "../bytes.ts";
import { integer, sequence } from "../derWriter.ts";

/** Order of P-256's base point (FIPS 186-5, SP 800-186). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** A simulated P-256 key. It is not a secret: whoever knows the seed has it. */
export interface SimulatorKey {
  readonly privateKey: bigint;
  /** x and y, 64 bytes. */
  readonly publicKey: Uint8Array;
}

function bytesOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex");
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

/** x and y of scalar times base point. */
function multiplyBase(scalar: bigint): Uint8Array {
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(bytesOf(scalar));
  return new Uint8Array(curve.getPublicKey().subarray(1));
}

/** Modular inverse by Fermat's theorem; the order is prime. */
function invert(value: bigint): bigint {
  let result = 1n;
  let base = value % ORDER;
  for (let exponent = ORDER - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % ORDER;
    base = (base * base) % ORDER;
  }
  return result;
}

/** So many bytes that seed and label decide, and nothing else. */
export function deriveBytes(seed: string, label: string, length: number): Uint8Array {
  const blocks: Buffer[] = [];
  for (let i = 0; i * 32 < length; i++) {
    blocks.push(
      createHash("sha256")
        .update(JSON.stringify([seed, label, i]))
        .digest(),
    );
  }
  return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
}

/** The key that seed and label decide. */
export function deriveKey(seed: string, label: string): SimulatorKey {
  // 48 bytes leave no bias worth mentioning after the reduction (FIPS 186-5, A.2.1).
  const privateKey = (numberOf(deriveBytes(seed, `key:${label}`, 48)) % (ORDER - 1n)) + 1n;
  return { privateKey, publicKey: multiplyBase(privateKey) };
}

/** Nonces that the message and the key decide (RFC 6979, 3.2), so that equal input gives equal signatures. */
function* nonces(privateKey: bigint, digest: Uint8Array): Generator<bigint> {
  const material = Buffer.concat([bytesOf(privateKey), bytesOf(numberOf(digest) % ORDER)]);
  const hmac = (key: Uint8Array, ...parts: Uint8Array[]): Buffer =>
    createHmac("sha256", key).update(Buffer.concat(parts)).digest();
  let v: Buffer = Buffer.alloc(32, 1);
  let k: Buffer = Buffer.alloc(32, 0);
  for (const step of [0, 1]) {
    k = hmac(k, v, Uint8Array.of(step), material);
    v = hmac(k, v);
  }
  for (;;) {
    v = hmac(k, v);
    yield numberOf(v);
    k = hmac(k, v, Uint8Array.of(0));
    v = hmac(k, v);
  }
}

/** ECDSA with SHA-256: r and s, 64 bytes; s is high or low as it comes, like Intel's. */
export function signP256(key: SimulatorKey, message: Uint8Array): Uint8Array {
  const digest = createHash("sha256").update(message).digest();
  for (const nonce of nonces(key.privateKey, digest)) {
    if (nonce === 0n || nonce >= ORDER) continue;
    const r = numberOf(multiplyBase(nonce).subarray(0, 32)) % ORDER;
    const s = (invert(nonce) * (numberOf(digest) + r * key.privateKey)) % ORDER;
    if (r !== 0n && s !== 0n) return concatBytes(bytesOf(r), bytesOf(s));
  }
  throw new Error("unreachable: nonces do not end");
}

/** A signature's other form, which is as valid: s becomes the order less s. */
export function flipS(signature: Uint8Array): Uint8Array {
  return concatBytes(signature.subarray(0, 32), bytesOf(ORDER - numberOf(signature.subarray(32))));
}

/** The DER form of r and s that certificates and revocation lists carry. */
export function derSignature(signature: Uint8Array): Uint8Array {
  return sequence(integer(signature.subarray(0, 32)), integer(signature.subarray(32)));
}

/** The seed as one text; bytes never give the text of another seed. */
export function seedOf(seed: string | Uint8Array): string {
  return typeof seed === "string" ? `text:${seed}` : `bytes:${Buffer.from(seed).toString("hex")}`;
}
