import {
  AbstractSigner,
  TypedDataEncoder,
  getAddress,
  hexlify,
  isAddress,
  isHexString,
  toQuantity,
  toUtf8Bytes,
  type Provider,
  type TransactionResponse,
  type TypedDataDomain,
  type TypedDataField,
} from "ethers";

import { InputError } from "../../../src/inputError.ts";
import { isRejected } from "../parts/failure.ts";
import { chainIdOf, type WalletProvider, type Connected } from "./provider.ts";

/** A transaction as a wallet gets it: whole, but for fees and nonce, which are the wallet's. */
export interface Sendable {
  readonly to: string;
  readonly data: string;
  /** In wei. */
  readonly value?: bigint;
  readonly gasLimit: bigint;
}

/** What a wallet's failure says. */
const wordsOf = (error: unknown): string => {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return typeof message === "string" ? message : "it does not say why";
};

/** An account that a wallet signs for, on one chain. What is read is read by the page's own endpoints, not by the wallet's. */
export class WalletSigner extends AbstractSigner<Provider> {
  readonly #wallet: WalletProvider;
  readonly #account: string;
  readonly #chainId: bigint;

  constructor(
    wallet: WalletProvider,
    { account, chainId }: Pick<Connected, "account" | "chainId">,
    provider: Provider,
  ) {
    super(provider);
    [this.#wallet, this.#account, this.#chainId] = [wallet, account, chainId];
  }

  override async getAddress(): Promise<string> {
    return Promise.resolve(this.#account);
  }

  override connect(provider: Provider): WalletSigner {
    return new WalletSigner(this.#wallet, { account: this.#account, chainId: this.#chainId }, provider);
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
    const chain = { from: this.#account, chainId: toQuantity(this.#chainId) };
    const transaction = { ...chain, to, data, value: toQuantity(value), gas: toQuantity(gasLimit) };
    const hash = await this.#ask("eth_sendTransaction", [transaction]);
    if (isHexString(hash, 32)) return hash;
    throw new InputError("The wallet names no transaction", "Look in it whether it was sent, before you try again.");
  }

  override async sendTransaction(): Promise<TransactionResponse> {
    return Promise.reject(new Error("Transactions are reviewed before they are sent"));
  }

  /** Asks the wallet once more for whom and where it signs: it may be another account or chain than before, and not have told. */
  async #confirm(): Promise<void> {
    const chainId = chainIdOf(await this.#wallet.request({ method: "eth_chainId" }));
    if (chainId !== this.#chainId) {
      const problem = `Your wallet is on chain ${chainId.toString()} now, and this is for chain ${this.#chainId.toString()}`;
      throw new InputError(problem, "Nothing was signed. Switch it back, and try again.");
    }
    const accounts = await this.#wallet.request({ method: "eth_accounts" });
    const isThere = (account: unknown): boolean => isAddress(account) && getAddress(account) === this.#account;
    if (Array.isArray(accounts) && accounts.some(isThere)) return;
    throw new InputError(
      `Your wallet no longer speaks for ${this.#account}`,
      "Nothing was signed. Unlock it, or connect it again.",
    );
  }

  async #ask(method: string, params: readonly unknown[]): Promise<string> {
    await this.#confirm();
    const answer = await this.#wallet.request({ method, params }).catch((cause: unknown) => {
      if (isRejected(cause)) throw cause;
      const remedy = "Look in it whether it was done, before you try again.";
      throw new InputError(`Your wallet failed: ${wordsOf(cause)}`, remedy, { cause });
    });
    if (isHexString(answer)) return answer;
    throw new InputError(
      "The wallet answered with what is no signature and no hash",
      "Look in it whether it was done.",
    );
  }
}
