import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";

import { readSecret } from "../../service/config/secret.ts";
import { writePrivately } from "../../service/store/privateFile.ts";
import { InputError } from "../../inputError.ts";

/** A new key, in PEM, which is written nowhere. */
export function newAccountKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/**
 * The key of the gateway's account with the CA, in PEM: made when it is first needed, kept in a file of mode 0600.
 *
 * @throws {InputError} When the file is no key on P-256, or others can read it.
 */
export function accountKey(path: string): string {
  if (!existsSync(path)) writePrivately(path, newAccountKey());
  const pem = readSecret("The key of the account with the CA", { file: path }, {}).reveal();
  if (isKey(pem)) return `${pem}\n`;
  throw new InputError(
    `${path} is not the key of an account with a CA`,
    "Restore it, or remove it: the gateway opens another account then.",
  );
}

function isKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyDetails?.namedCurve === "prime256v1";
  } catch {
    return false;
  }
}
