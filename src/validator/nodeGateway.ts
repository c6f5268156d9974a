import { z } from "zod";

import { collateralOf } from "./client.ts";
import type { AddressBook } from "../deployments.ts";
import { quoteDocument, type QuoteDocument } from "../documents/nodes.ts";
import type { TypedDataSigner } from "../eip712/domain.ts";
import { MAX_SEALED_SIZE } from "../data/sealing.ts";
import { publicFetch } from "../gateway/fetch/publicFetch.ts";
import { askJson, gatewayOrigin, GatewayError } from "../gateway/client/request.ts";
import { TransferClient } from "../gateway/client/transferClient.ts";
import { isLoopback } from "../gateway/ipAddress.ts";
import { InputError } from "../inputError.ts";
import { toJson } from "../json.ts";
import type { Collateral } from "../sgx/collateral.ts";

/** Whose gateways are asked, and as whom. */
export interface NodeGatewayParts {
  readonly book: AddressBook;
  readonly account: string;
  readonly wallet: TypedDataSigner;
  /** Devnets only: also plain http on this machine. */
  readonly allowLoopback: boolean;
}

const anything = z.looseObject({});

/** What gateways of nodes show to validators. Nothing of it is believed: whoever asks compares it with the chain. */
export class NodeGateways {
  readonly #parts: NodeGatewayParts;

  constructor(parts: NodeGatewayParts) {
    this.#parts = parts;
  }

  /** The newest quote that a node's gateway shows; undefined where it shows none. */
  async quote(url: string): Promise<QuoteDocument | undefined> {
    return this.#try(async () => {
      const { origin, fetch } = this.#reach(url);
      return askJson(origin, "/v1/node/quote", quoteDocument, { fetch });
    });
  }

  /** The collateral of a hash, where a node's gateway has it. */
  async collateral(url: string, hash: string): Promise<Collateral | undefined> {
    return this.#try(async () => {
      const { origin, fetch } = this.#reach(url);
      return collateralOf(toJson(await askJson(origin, "/v1/node/collateral", anything, { fetch })), hash);
    });
  }

  /** A task's sealed result; undefined where the gateway does not give it. */
  async result(url: string, nodeId: bigint, taskId: bigint): Promise<Uint8Array | undefined> {
    return this.#try(async () => {
      const { origin, fetch } = this.#reach(url);
      const { book, account, wallet } = this.#parts;
      const { orderEscrow } = book.contracts;
      const audience = { chainId: book.chainId, orderEscrow, node: Number(nodeId), gateway: origin };
      const client = new TransferClient({ audience, account, wallet, fetch, pause: 100 });
      return client.fetchPart(taskId, "result", MAX_SEALED_SIZE);
    });
  }

  async #try<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof GatewayError || error instanceof InputError) return undefined;
      throw error;
    }
  }

  /** Where a gateway is asked that a stranger has named on the chain: over https at public addresses, and on devnets on this machine. */
  #reach(url: string): { readonly origin: string; readonly fetch: typeof fetch | undefined } {
    const origin = gatewayOrigin(url);
    const { hostname, protocol } = new URL(origin);
    if (this.#parts.allowLoopback && isLoopback(hostname.replace(/^\[|\]$/g, ""))) return { origin, fetch: undefined };
    if (protocol === "https:") return { origin, fetch: publicFetch() };
    throw new InputError(`The gateway ${origin} is not reached by https`, "Have the provider set an https URL.");
  }
}
