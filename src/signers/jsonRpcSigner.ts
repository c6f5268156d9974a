import { toQuantity, TypedDataEncoder, type TransactionLike, type TypedDataDomain, type TypedDataField } from "ethers";
import { z } from "zod";

import { SignerError, type Post } from "./post.ts";
import type { AccountSigner } from "./signer.ts";
import { requireAsked, requireSigned, unsigned } from "./verified.ts";
import { parsedJson } from "../json.ts";

const answerForm = z.object({ result: z.unknown().optional(), error: z.object({ code: z.number() }).optional() });
/** Some signers answer the signed bytes alone, geth's kind an object that has them. */
const signedForm = z.union([z.string(), z.object({ raw: z.string() }).transform(({ raw }) => raw)]);

/** JSON-RPC's code for a method that is not there. */
const NO_METHOD = -32_601;

/** An account whose key a program has that answers `eth_signTransaction` and `eth_signTypedData_v4`. It is not trusted: what it signs is verified. */
export class JsonRpcSigner implements AccountSigner {
  readonly address: string;
  readonly #post: Post;

  constructor(post: Post, address: string) {
    this.#post = post;
    this.address = address;
  }

  /** @throws {SignerError} When it does not sign, or signs something else. */
  async signTransaction(transaction: TransactionLike): Promise<string> {
    const { to, data, value, gasLimit, nonce, chainId, type, gasPrice, maxFeePerGas, maxPriorityFeePerGas } =
      unsigned(transaction);
    const price =
      type === 2
        ? { maxFeePerGas: quantity(maxFeePerGas), maxPriorityFeePerGas: quantity(maxPriorityFeePerGas) }
        : { gasPrice: quantity(gasPrice) };
    const asked = {
      ...{ from: this.address, to, data, value: quantity(value), gas: quantity(gasLimit), nonce: toQuantity(nonce) },
      ...{ chainId: quantity(chainId), type: toQuantity(type ?? 0), ...price },
    };
    const signed = signedForm.safeParse(await this.#call("eth_signTransaction", [asked]));
    if (!signed.success) throw new SignerError("The remote signer's answer has no signed transaction");
    return requireAsked(signed.data, transaction, this.address);
  }

  /** @throws {SignerError} When it does not sign, or signs something else. */
  async signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string> {
    const payload = JSON.stringify(TypedDataEncoder.getPayload(domain, types, value));
    const parameters = [this.address, payload];
    // Web3Signer has it under the older name alone.
    const signed =
      (await this.#call("eth_signTypedData_v4", parameters, NO_METHOD)) ??
      (await this.#call("eth_signTypedData", parameters));
    if (typeof signed !== "string") throw new SignerError("The remote signer's answer has no signature");
    return requireSigned(signed, { domain, types, value }, this.address);
  }

  /** What a method gives; nothing where it answers the code that is passed over. */
  async #call(method: string, params: readonly unknown[], passed?: number): Promise<unknown> {
    const text = await this.#post.ask("", { jsonrpc: "2.0", id: 1, method, params });
    const answer = answerForm.safeParse(parsedJson(text));
    if (!answer.success) throw new SignerError("The remote signer does not answer in JSON-RPC");
    const { result, error } = answer.data;
    if (error === undefined) return result;
    if (error.code === passed) return undefined;
    throw new SignerError(`The remote signer refuses ${method} with code ${String(error.code)}`);
  }
}

const quantity = (value: bigint | null): string => toQuantity(value ?? 0n);
