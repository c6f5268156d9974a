import { computeAddress, isHexString } from "ethers";
import { PrivateKey as CurveKey, PublicKey as CurvePoint } from "eciesjs";
import type { EllipticCurve } from "eciesjs/config";
import { z } from "zod";

import type { EnumValue } from "../enums.ts";
import { bytesOfDigits, toHex, type Hex } from "../sgx/bytes.ts";
import { DataError } from "./errors.ts";

/** The kinds of keys that can be sealed to, as users register them on chain. */
export type Scheme = Exclude<EnumValue<"KeyScheme">, "None">;

/** A public key: of an enclave, or of a user. */
export interface PublicKey {
  readonly scheme: Scheme;
  /** 33 bytes, compressed (SEC 1, 2.3.3), of Secp256k1; 32 bytes of X25519 (RFC 7748). */
  readonly key: Hex;
}

/** A private key. */
export interface PrivateKey {
  readonly scheme: Scheme;
  /** 32 secret bytes. */
  readonly key: Uint8Array;
}

/** The form of a public key in JSON documents. That it is a usable one is seen by {@link checkedPublicKey}. */
export const publicKeyForm = z.strictObject({
  scheme: z.enum(["X25519", "Secp256k1"]),
  key: z
    .string()
    .refine((text) => isHexString(text, 32) || isHexString(text, 33), "not a public key")
    .transform((text) => text.toLowerCase() as Hex),
});

const SIZES: Readonly<Record<Scheme, number>> = { X25519: 32, Secp256k1: 33 };

/** As eciesjs calls the curves. */
export const curveOf: Readonly<Record<Scheme, EllipticCurve>> = { X25519: "x25519", Secp256k1: "secp256k1" };

/** Makes a private key from the system's randomness. */
export function makePrivateKey(scheme: Scheme): PrivateKey {
  return { scheme, key: new CurveKey(undefined, curveOf[scheme]).secret };
}

/**
 * The public key of a private one.
 *
 * @throws {DataError} INVALID_PRIVATE_KEY.
 */
export function publicKeyOf({ scheme, key }: PrivateKey): PublicKey {
  try {
    return { scheme, key: toHex(new CurveKey(key, curveOf[scheme]).publicKey.toBytes(true)) };
  } catch {
    // What the library says is not passed on: it knows the key.
    throw new DataError("INVALID_PRIVATE_KEY", `${key.length} bytes are not a private key of ${scheme}`);
  }
}

/**
 * The bytes of a public key to which something can be sealed.
 *
 * @throws {DataError} INVALID_PUBLIC_KEY: of another length, no point of the curve, or one of the few with which any secret is zero.
 */
export function checkedPublicKey({ scheme, key }: PublicKey): Uint8Array {
  const what = `${key} is not a public key of ${scheme}`;
  if (!isHexString(key, SIZES[scheme])) throw new DataError("INVALID_PUBLIC_KEY", what);
  const bytes = bytesOfDigits(key);
  try {
    const curve = curveOf[scheme];
    new CurveKey(undefined, curve).multiply(new CurvePoint(bytes, curve));
  } catch (cause) {
    throw new DataError("INVALID_PUBLIC_KEY", what, { cause });
  }
  return bytes;
}

/**
 * The address of a secp256k1 public key: what the registry knows of an enclave's.
 *
 * @throws {DataError} INVALID_PUBLIC_KEY.
 */
export function enclaveKeyOf(publicKey: PublicKey): string {
  if (publicKey.scheme !== "Secp256k1") {
    throw new DataError("INVALID_PUBLIC_KEY", `An enclave's key is one of Secp256k1, not of ${publicKey.scheme}`);
  }
  return computeAddress(toHex(checkedPublicKey(publicKey)));
}
