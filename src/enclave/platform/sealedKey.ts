import { hkdfSync, randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, writeSync } from "node:fs";

import { IV_SIZE, openGcm, sealGcm, TAG_SIZE } from "../../aesGcm.ts";
import { makePrivateKey, publicKeyOf, type PrivateKey } from "../../data/keys.ts";
import { InputError } from "../../inputError.ts";
import { concatBytes, utf8 } from "../../sgx/bytes.ts";
import { readLimited } from "../files.ts";

/*
 * The file of an enclave's key that only its measurement opens, on its processor: a nonce (12 bytes), then the key under AES-256-GCM (32), then
 * the tag (16). It is made once and never written again, so that there is no older one of the same key.
 */

const KEY_SIZE = 32;
const FILE_SIZE = IV_SIZE + KEY_SIZE + TAG_SIZE;
const PURPOSE = "ComputingPower.SealedEnclaveKey/1";

/** The key of an enclave, and whether it was made just now. */
export interface KeptKey {
  readonly key: PrivateKey;
  readonly isNew: boolean;
}

/**
 * Opens an enclave's key, or makes one where there is no file.
 *
 * @param sealingKey The measurement's, of the processor.
 * @throws {InputError} For a file of another measurement or processor, one that was changed, and where none can be written.
 */
export function keptKey(file: string, sealingKey: Uint8Array): KeptKey {
  const secret = new Uint8Array(hkdfSync("sha256", sealingKey, new Uint8Array(), PURPOSE, KEY_SIZE));
  try {
    if (existsSync(file)) return { key: opened(file, secret), isNew: false };
    const key = makePrivateKey("Secp256k1");
    write(file, sealed(key.key, secret));
    return { key, isNew: true };
  } finally {
    secret.fill(0);
  }
}

function sealed(key: Uint8Array, secret: Uint8Array): Uint8Array {
  const iv = new Uint8Array(randomBytes(IV_SIZE));
  return concatBytes(iv, sealGcm({ key: secret, iv, beside: utf8(PURPOSE) }, key));
}

function opened(file: string, secret: Uint8Array): PrivateKey {
  const bytes = readLimited(file, FILE_SIZE);
  try {
    if (bytes.length !== FILE_SIZE) throw new RangeError("cut off");
    const iv = bytes.subarray(0, IV_SIZE);
    const plain = openGcm({ key: secret, iv, beside: utf8(PURPOSE) }, bytes.subarray(IV_SIZE));
    const key: PrivateKey = { scheme: "Secp256k1", key: plain };
    publicKeyOf(key);
    return key;
  } catch (cause) {
    throw new InputError(
      `The file "${file}" is no key that this measurement has sealed on this processor`,
      "Bring back the file and the program that belong together; or move the file away for a new key, for which the node has to be attested again.",
      { cause },
    );
  }
}

function write(file: string, bytes: Uint8Array): void {
  try {
    const descriptor = openSync(file, "wx", 0o600);
    try {
      writeSync(descriptor, bytes);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw new InputError(`The file "${file}" cannot be written`, "Name one in a folder of this account's.", { cause });
  }
}
