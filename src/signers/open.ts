import { readFileSync } from "node:fs";

import { decryptKeystoreJson, getAddress, Wallet } from "ethers";

import type { SignerConfig } from "./config.ts";
import { JsonRpcSigner } from "./jsonRpcSigner.ts";
import { requireCheap } from "./keystoreCost.ts";
import { Post } from "./post.ts";
import type { AccountSigner } from "./signer.ts";
import { Web3Signer } from "./web3Signer.ts";
import { InputError } from "../inputError.ts";
import { readSecret, type Secret } from "../service/config/secret.ts";

/**
 * Opens what an account signs with.
 *
 * @param name What it is in the configuration, for errors, such as "signer".
 * @throws {InputError} For a key that is none or that others on the machine can read, a keystore that its password does not open, and a remote
 * signer that has no such account.
 */
export async function openSigner(
  config: SignerConfig,
  environment: Readonly<Record<string, string | undefined>>,
  name = "signer",
): Promise<AccountSigner> {
  if ("url" in config) {
    const { url, kind, token } = config;
    const address = getAddress(config.address);
    const post = new Post(url, token && readSecret(`${name}.token`, token, environment));
    return kind === "web3signer" ? Web3Signer.open(post, address) : new JsonRpcSigner(post, address);
  }
  if ("keystore" in config) {
    return openKeystore(name, config.keystore, readSecret(`${name}.password`, config.password, environment));
  }
  return walletOf(name, readSecret(name, config, environment).reveal());
}

function walletOf(name: string, key: string): Wallet {
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(key)) {
    try {
      return new Wallet(key);
    } catch {
      // Told below, without what was thrown: it may quote the key.
    }
  }
  throw new InputError(`${name} is not a private key`, "Give 64 hexadecimal digits.");
}

async function openKeystore(name: string, file: string, password: Secret): Promise<Wallet> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new InputError(`${name}: the keystore ${file} cannot be read`, "Name a file that this account can read.", {
      cause,
    });
  }
  requireCheap(name, file, text);
  try {
    // Of what was decrypted, the key alone is kept.
    const { privateKey } = await decryptKeystoreJson(text, password.reveal());
    return new Wallet(privateKey);
  } catch {
    const problem = `${name}: the keystore ${file} does not open with this password, or is none of version 3`;
    throw new InputError(problem, "Give the keystore's own password, and a keystore in JSON.");
  }
}
