import { closeSync, existsSync, fsyncSync, openSync, writeSync } from "node:fs";

import { computeAddress, getBytes } from "ethers";

import { makePrivateKey, type PrivateKey } from "../../data/keys.ts";
import { InputError } from "../../inputError.ts";
import { parsedJson, toJson } from "../../json.ts";
import { readProtected } from "../../protectedFile.ts";
import { toHex } from "../../sgx/bytes.ts";
import { enclaveKeyDocument } from "../keyFile.ts";

/**
 * Reads the key of a simulated enclave.
 *
 * @throws {InputError} When it cannot be read, others can read it, or it is something else. Nothing of it is repeated.
 */
export function readKeyFile(file: string): PrivateKey {
  if (!existsSync(file)) {
    throw new InputError(`There is no file "${file}"`, "Make it with --new-key, once, or name a file of `node quote`.");
  }
  const { data } = enclaveKeyDocument.safeParse(parsedJson(readProtected("The enclave key", file)));
  if (data === undefined || computeAddress(data.privateKey) !== data.address) {
    throw new InputError(`The file "${file}" is not the key of a simulated enclave`, "Name a file of `node quote`.");
  }
  return { scheme: "Secp256k1", key: getBytes(data.privateKey) };
}

/**
 * Makes the key of a simulated enclave, in a file that only this account can read.
 *
 * @throws {InputError} When there is a file already, or none can be written.
 */
export function makeKeyFile(file: string): PrivateKey {
  const key = makePrivateKey("Secp256k1");
  const privateKey = toHex(key.key);
  const document = { kind: "simulated-enclave-key", address: computeAddress(privateKey), privateKey };
  try {
    const descriptor = openSync(file, "wx", 0o600);
    try {
      writeSync(descriptor, `${toJson(document)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === "EEXIST";
    throw isThere
      ? new InputError(`There is a file "${file}" already`, "Leave out --new-key to use the key in it.", { cause })
      : new InputError(`The file "${file}" cannot be written`, "Name one in a folder of this account's.", { cause });
  }
  return key;
}
