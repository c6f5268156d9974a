import { computeAddress, getBytes, hexlify, isHexString, SigningKey } from "ethers";
import { z } from "zod";

import { isFile, readBytes, readDocument, writeDocument } from "./inputs.ts";
import { checkedPublicKey, makePrivateKey, publicKeyForm, publicKeyOf } from "../../src/data/keys.ts";
import type { PrivateKey, PublicKey, Scheme } from "../../src/data/keys.ts";
import { encryptionKeyDocument } from "../../src/documents/tasks.ts";
import { enclaveKeyDocument } from "../../src/enclave/keyFile.ts";
import { InputError } from "../../src/inputError.ts";
import type { Hex } from "../../src/sgx/bytes.ts";

/** The documents with a public key: a key file of ours, a simulated enclave's, or what an enclave program says of itself. */
const holder = z.union([
  publicKeyForm,
  z.looseObject({ publicKey: publicKeyForm }).transform(({ publicKey }) => publicKey),
  encryptionKeyDocument.transform(({ scheme, publicKey }) => ({ scheme, key: publicKey as Hex })),
  enclaveKeyDocument
    .refine(
      ({ address, privateKey }) => computeAddress(privateKey) === address,
      "the address is not that of the private key",
    )
    .transform(({ privateKey }) => ({
      scheme: "Secp256k1" as const,
      key: SigningKey.computePublicKey(privateKey, true) as Hex,
    })),
]);

/** Reads a public key: 33 bytes of secp256k1 or 32 of X25519 in hex, or a file with them or with one of those documents. */
export function parsePublicKey(text: string): PublicKey {
  const digits = isHexString(text) ? text : isFile(text) ? readBytes(text).toString("utf8").trim() : undefined;
  if (digits === undefined) {
    const remedy = "Give 0x and hexadecimal digits, or a file.";
    throw new InputError(`"${text}" is neither a public key nor a file`, remedy);
  }
  const key = isHexString(digits)
    ? { scheme: digits.length === 66 ? ("X25519" as const) : ("Secp256k1" as const), key: digits.toLowerCase() as Hex }
    : readDocument<PublicKey>(text, holder, "a public key");
  checkedPublicKey(key);
  return key;
}

/** Reads a private key from the file that was made for it. */
export function readPrivateKey(file: string): PrivateKey {
  const { scheme, privateKey } = readDocument(file, encryptionKeyDocument, "an encryption key");
  return { scheme, key: getBytes(privateKey) };
}

/** A fresh key, not yet stored. */
export function freshKey(scheme: Scheme): { readonly document: object; readonly publicKey: PublicKey } {
  const key = makePrivateKey(scheme);
  const publicKey = publicKeyOf(key);
  const privateKey = hexlify(key.key);
  return { document: { kind: "encryption-key", scheme, publicKey: publicKey.key, privateKey }, publicKey };
}

/** The key that a result is to be sealed to. */
export interface ResultKey {
  readonly publicKey: PublicKey;
  /** Where it comes from, in words. */
  readonly origin: string;
  /** The file that has or gets the private key, if one is known. */
  readonly file?: string;
  /** Stores a key that was made for this. */
  readonly store: () => void;
}

/** Where a result's key goes by default. */
export const RESULT_KEY_FILE = "result.key.json";

/**
 * The key for a result: the one that was named, else the one in the usual file, which is made where it is missing. The chain's registry of keys is not
 * asked: whoever answers for it could name a key of its own, and open the result.
 */
export function resultKeyFor(named: string | undefined): ResultKey {
  const file = named ?? RESULT_KEY_FILE;
  const nothing = (): void => undefined;
  if (isHexString(file)) return { publicKey: parsePublicKey(file), origin: file, store: nothing };
  if (isFile(file)) return { publicKey: parsePublicKey(file), origin: file, file, store: nothing };
  const { document, publicKey } = freshKey("Secp256k1");
  const store = (): void => {
    writeDocument(file, document, { secret: true });
  };
  return { publicKey, origin: `a new one, in ${file}`, file, store };
}
