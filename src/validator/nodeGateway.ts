import { z } from "zod";

import { collateralOf } from "./client.ts";
import type { Patience } from "./peers.ts";
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
  readonly patience?: Patience;
}

/** Bytes a second at which a gateway has to give results at least. */
const LEAST_RATE = 2 ** 17;
/** The largest result takes no longer at that rate. */
const PATIENCE: Patience = { most: 30_000 + Math.ceil((1_000 * MAX_SEALED_SIZE) / LEAST_RATE), long: 30_000, rest: 3 };

const anything = z.looseObject({});

/** What gateways of nodes show to validators. Nothing of it is believed: whoever asks compares it with the chain. */
export class NodeGateways {
  readonly #parts: NodeGatewayParts;
  /** Until when nodes are asked for no results, in milliseconds of a clock that nobody sets. */
  readonly #resting = new Map<bigint, number>();

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

  /**
   * A task's sealed result; undefined where the gateway does not give it in the time that the largest one needs, or was slow just now: a node whose
   * gateway takes long and gives nothing is asked for none for a multiple of that, so that it holds up no other's.
   *
   * @throws The signal's reason, where that aborts.
   */
  async result(url: string, nodeId: bigint, taskId: bigint, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { most, long, rest } = this.#parts.patience ?? PATIENCE;
    const began = performance.now();
    if ((this.#resting.get(nodeId) ?? 0) > began) return undefined;
    const until = AbortSignal.any([signal, AbortSignal.timeout(most)]);
    const found = await this.#try(async () => this.#fetchResult(url, nodeId, taskId, until));
    signal.throwIfAborted();
    const took = performance.now() - began;
    if (found !== undefined || took < long) this.#resting.delete(nodeId);
    else this.#resting.set(nodeId, performance.now() + rest * took);
    return found;
  }

  async #fetchResult(url: string, nodeId: bigint, taskId: bigint, signal: AbortSignal): Promise<Uint8Array> {
    const { origin, fetch } = this.#reach(url);
    const { book, account, wallet } = this.#parts;
    const { orderEscrow } = book.contracts;
    const audience = { chainId: book.chainId, orderEscrow, node: Number(nodeId), gateway: origin };
    const client = new TransferClient({ audience, account, wallet, fetch, pause: 100, signal });
    return client.fetchPart(taskId, "result", MAX_SEALED_SIZE);
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
