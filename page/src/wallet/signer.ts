import {
  AbstractSigner,
  TypedDataEncoder,
  hexlify,
  isHexString,
  toQuantity,
  toUtf8Bytes,
  type Provider,
  type TransactionResponse,
  type TypedDataDomain,
  type TypedDataField,
} from "ethers";

import { InputError } from "../../../src/inputError.ts";
import type { WalletProvider } from "./provider.ts";

/** A transaction as a wallet gets it: whole, but for fees and nonce, which are the wallet's. */
export interface Sendable {
  readonly to: string;
  readonly data: string;
  /** In wei. */
  readonly value?: bigint;
  readonly gasLimit: bigint;
}

/** An account that a wallet signs for. What is read is read by the page's own endpoints, not by the wallet's. */
export class WalletSigner extends AbstractSigner<Provider> {
  readonly #wallet: WalletProvider;
  readonly #account: string;

  constructor(wallet: WalletProvider, account: string, provider: Provider) {
    super(provider);
    [this.#wallet, this.#account] = [wallet, account];
  }

  override async getAddress(): Promise<string> {
    return Promise.resolve(this.#account);
  }

  override connect(provider: Provider): WalletSigner {
    return new WalletSigner(this.#wallet, this.#account, provider);
  }

  override async signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string> {
    const payload = JSON.stringify(TypedDataEncoder.getPayload(domain, types, value));
    return this.#ask("eth_signTypedData_v4", [this.#account, payload]);
  }

  override async signMessage(message: string | Uint8Array): Promise<string> {
    const bytes = typeof message === "string" ? toUtf8Bytes(message) : message;
    return this.#ask("personal_sign", [hexlify(bytes), this.#account]);
  }

  /** Wallets send what they sign. */
  override async signTransaction(): Promise<string> {
    return Promise.reject(new Error("A wallet signs no transaction without sending it"));
  }

  /** Hands a transaction to the wallet. @returns Its hash. */
  async send({ to, data, value = 0n, gasLimit }: Sendable): Promise<string> {
    const transaction = { from: this.#account, to, data, value: toQuantity(value), gas: toQuantity(gasLimit) };
    const hash = await this.#ask("eth_sendTransaction", [transaction]);
    if (isHexString(hash, 32)) return hash;
    throw new InputError("The wallet names no transaction", "Look in it whether it was sent, before you try again.");
  }

  override async sendTransaction(): Promise<TransactionResponse> {
    return Promise.reject(new Error("Transactions are reviewed before they are sent"));
  }

  async #ask(method: string, params: readonly unknown[]): Promise<string> {
    const answer = await this.#wallet.request({ method, params });
    if (isHexString(answer)) return answer;
    throw new InputError(
      "The wallet answered with what is no signature and no hash",
      "Look in it whether it was done.",
    );
  }
}
