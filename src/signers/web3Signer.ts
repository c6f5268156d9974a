import { computeAddress, type TransactionLike, type TypedDataDomain, type TypedDataField } from "ethers";
import { z } from "zod";

import { SignerError, type Post } from "./post.ts";
import type { AccountSigner } from "./signer.ts";
import { bytesOf, bytesOfTyped, requireAsked, requireSigned, withSignature } from "./verified.ts";
import { InputError } from "../inputError.ts";
import { parsedJson } from "../json.ts";

const keysForm = z.array(z.string());

/**
 * An account whose key a Web3Signer has, in its `eth1` mode. Its API signs the Keccak-256 hash of the bytes that it is sent, and names keys by
 * their public keys, which it lists. It is not trusted: what it signs is verified.
 */
export class Web3Signer implements AccountSigner {
  readonly address: string;
  readonly #post: Post;
  /** The public key, as the signer writes it. */
  readonly #key: string;

  private constructor(post: Post, address: string, key: string) {
    this.#post = post;
    this.address = address;
    this.#key = key;
  }

  /**
   * Finds the account's key at the signer.
   *
   * @throws {SignerError} When it does not answer.
   * @throws {InputError} When it has no such key.
   */
  static async open(post: Post, address: string): Promise<Web3Signer> {
    const keys = keysForm.safeParse(parsedJson(await post.ask("/api/v1/eth1/publicKeys")));
    if (!keys.success) throw new SignerError("The remote signer does not list its public keys");
    const key = keys.data.find((each) => addressOf(each) === address);
    if (key !== undefined) return new Web3Signer(post, address, key);
    const problem = `The remote signer has no key of ${address} among its ${String(keys.data.length)}`;
    throw new InputError(problem, "Load the key there, or correct `address`.");
  }

  /** @throws {SignerError} When it does not sign, or signs something else. */
  async signTransaction(transaction: TransactionLike): Promise<string> {
    const signature = await this.#sign(bytesOf(transaction));
    let raw: string;
    try {
      raw = withSignature(transaction, signature);
    } catch {
      throw new SignerError("The remote signer's answer has no signature");
    }
    return requireAsked(raw, transaction, this.address);
  }

  /** @throws {SignerError} When it does not sign, or signs something else. */
  async signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string> {
    const data = { domain, types, value };
    return requireSigned(await this.#sign(bytesOfTyped(data)), data, this.address);
  }

  /** Its signature of the hash of bytes: r, s and v, as text that some versions put in quotes. */
  async #sign(data: string): Promise<string> {
    const text = await this.#post.ask(`/api/v1/eth1/sign/${encodeURIComponent(this.#key)}`, { data });
    return text.trim().replaceAll('"', "");
  }
}

/** The address of a public key in hex, with or without what says that it is not compressed; undefined for what is none. */
function addressOf(key: string): string | undefined {
  const digits = key.replace(/^0x/, "");
  try {
    return computeAddress(`0x${digits.length === 128 ? "04" : ""}${digits}`);
  } catch {
    return undefined;
  }
}
