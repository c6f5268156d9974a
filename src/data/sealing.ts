import { decrypt, encrypt } from "eciesjs";
import { Config } from "eciesjs/config";
import { z } from "zod";

import { concatBytes, isZero, utf8 } from "../sgx/bytes.ts";
import type { Context } from "./contexts.ts";
import { DataError } from "./errors.ts";
import { checkedPublicKey, curveOf, publicKeyOf, type PrivateKey, type PublicKey, type Scheme } from "./keys.ts";

/*
 * ECIES as eciesjs and its sister libraries do it by default: an ephemeral key, HKDF-SHA256 over its public half and the
 * shared point, AES-256-GCM with a 16-byte nonce. Sealed bytes are: ephemeral public key (65 uncompressed, or 32 of X25519),
 * nonce (16), tag (16), ciphertext.
 *
 * It authenticates no sender and has no associated data. So what is sealed always begins with its context (a 2-byte length and
 * JSON), and opening compares that with what is expected: what was sealed for one task, node or chain opens for no other.
 *
 * Behind the context stand the content's length (4 bytes), the content, and zeros up to the next of a few sizes: anybody sees how long
 * sealed bytes are, and that must not tell how long what is in them is. This is version 2, which the domains of all contexts name;
 * version 1 had neither length nor zeros, and opens no more.
 */

/** The most bytes that are sealed at once: 16 MiB. */
export const MAX_SEALED_CONTENT = 16 * 2 ** 20;

/** The sizes that contents are filled up to, in bytes. */
export const SEALED_SIZES = [2 ** 8, 2 ** 10, 2 ** 12, 2 ** 14, 2 ** 16, 2 ** 18, 2 ** 20, 2 ** 22, 2 ** 24] as const;

/** What the inputs and the result of a task are filled up to at least. */
export const LEAST_TASK_SIZE = 2 ** 14;

const LENGTH_SIZE = 2;
const CONTENT_LENGTH_SIZE = 4;
const EPHEMERAL_KEY_SIZES: Readonly<Record<Scheme, number>> = { Secp256k1: 65, X25519: 32 };
const NONCE_AND_TAG_SIZE = 32;
/** The most bytes around the content: ephemeral key, nonce, tag, the longest context that its length can express, and a length. */
const MAX_OVERHEAD = EPHEMERAL_KEY_SIZES.Secp256k1 + NONCE_AND_TAG_SIZE + LENGTH_SIZE + 2 ** 16 + CONTENT_LENGTH_SIZE;

/** The most bytes of anything sealed. */
export const MAX_SEALED_SIZE = MAX_SEALED_CONTENT + MAX_OVERHEAD;

const contextForm = z.record(z.string(), z.string());

/** The library's settings for one call; its shared ones must not be changed. */
function configOf(scheme: Scheme): Config {
  const config = new Config();
  config.ellipticCurve = curveOf[scheme];
  return config;
}

/** A content's length, the content, and zeros up to a size that says little. */
function filled(content: Uint8Array, least: number): Uint8Array {
  const size = SEALED_SIZES.find((each) => each >= least && each >= content.length) ?? MAX_SEALED_CONTENT;
  const bytes = new Uint8Array(CONTENT_LENGTH_SIZE + size);
  new DataView(bytes.buffer).setUint32(0, content.length);
  bytes.set(content, CONTENT_LENGTH_SIZE);
  return bytes;
}

/** The content of filled bytes; nothing where they do not have that form. */
function contentOf(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < CONTENT_LENGTH_SIZE) return undefined;
  const end = CONTENT_LENGTH_SIZE + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (end > bytes.length || !isZero(bytes.subarray(end))) return undefined;
  return bytes.slice(CONTENT_LENGTH_SIZE, end);
}

/**
 * Seals bytes to a public key, for one context. How long they are shows only as far as the next of {@link SEALED_SIZES}.
 *
 * @param least As many bytes as contents are filled up to at least, and on to the next of those sizes.
 * @throws {DataError} INVALID_PUBLIC_KEY, SEALED_TOO_LARGE.
 */
export function seal(to: PublicKey, context: Context, content: Uint8Array, least = 0): Uint8Array {
  const key = checkedPublicKey(to);
  if (content.length > MAX_SEALED_CONTENT) {
    throw new DataError("SEALED_TOO_LARGE", `At most ${MAX_SEALED_CONTENT} bytes are sealed, not ${content.length}`);
  }
  const text = utf8(JSON.stringify(context));
  const length = new Uint8Array(LENGTH_SIZE);
  new DataView(length.buffer).setUint16(0, text.length);
  const body = filled(content, least);
  const plain = concatBytes(length, text, body);
  try {
    return encrypt(key, plain, configOf(to.scheme));
  } finally {
    body.fill(0);
    plain.fill(0);
  }
}

/** Context and content of what was opened; nothing where it does not have that form. */
function split(plain: Uint8Array): { context: Record<string, string>; content: Uint8Array } | undefined {
  if (plain.length < LENGTH_SIZE) return undefined;
  const end = LENGTH_SIZE + new DataView(plain.buffer, plain.byteOffset).getUint16(0);
  if (plain.length < end) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(plain.subarray(LENGTH_SIZE, end));
    const content = contentOf(plain.subarray(end));
    return content === undefined ? undefined : { context: contextForm.parse(JSON.parse(text)), content };
  } catch {
    return undefined;
  }
}

/** The fields in which two contexts differ. */
export function differences(
  found: Readonly<Record<string, string>>,
  expected: Readonly<Record<string, string>>,
): string[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...names].filter((name) => found[name] !== expected[name]);
}

/**
 * Opens what was sealed to a key, if it was sealed for the context expected.
 *
 * @throws {DataError} SEALED_TOO_LARGE, SEALED_TRUNCATED, INVALID_PRIVATE_KEY, NOT_OPENED, CONTENT_FORMAT, or OTHER_CONTEXT with the
 * fields that differ.
 */
export function unseal(key: PrivateKey, expected: Context, sealed: Uint8Array): Uint8Array {
  if (sealed.length > MAX_SEALED_SIZE) {
    throw new DataError("SEALED_TOO_LARGE", `At most ${MAX_SEALED_SIZE} sealed bytes are opened, not ${sealed.length}`);
  }
  const least = EPHEMERAL_KEY_SIZES[key.scheme] + NONCE_AND_TAG_SIZE + LENGTH_SIZE;
  if (sealed.length < least) {
    throw new DataError("SEALED_TRUNCATED", `Anything sealed has at least ${least} bytes, not ${sealed.length}`);
  }
  const to = publicKeyOf(key);
  let plain: Uint8Array;
  try {
    plain = decrypt(key.key, sealed, configOf(key.scheme));
  } catch (cause) {
    throw new DataError("NOT_OPENED", `The sealed bytes do not open with the private key of ${to.key}`, { cause });
  }
  const parts = split(plain);
  plain.fill(0);
  if (parts === undefined) throw new DataError("CONTENT_FORMAT", "What was sealed names no context");
  const fields = differences(parts.context, expected);
  if (fields.length === 0) return parts.content;
  parts.content.fill(0);
  const what = `It was sealed to this key, but not for this ${fields.join(", ")}`;
  throw new DataError("OTHER_CONTEXT", what, { fields });
}
