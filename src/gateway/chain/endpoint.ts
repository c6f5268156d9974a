import { FetchRequest, JsonRpcProvider, Network, type JsonRpcApiProvider } from "ethers";

import type { Block } from "./orders.ts";
import { batchedReads } from "../../chain/batch.ts";
import type { AddressBook } from "../../deployments.ts";
import { connectProtocol, type Protocol } from "../../protocol.ts";

/** Milliseconds in which an endpoint must answer. */
const TIMEOUT = 5_000;
/** Milliseconds for which the newest block is not asked for again: many requests share it. */
export const HEAD_LIFE = 300;
/** Milliseconds after which it is asked for ahead, so that of many requests none waits for it. */
const HEAD_AHEAD = 200;

/** A provider over HTTP that waits for no answer long: another endpoint may have it. */
export function connectEndpoint(url: string, chainId: number): JsonRpcProvider {
  const request = new FetchRequest(url);
  request.timeout = TIMEOUT;
  request.setThrottleParams({ maxAttempts: 1 });
  return new JsonRpcProvider(request, Network.from(chainId), { staticNetwork: true, cacheTimeout: -1 });
}

/** Why an endpoint is not believed. */
export class EndpointFault extends Error {
  override readonly name = "EndpointFault";
  /** `stale`: its newest block is too old; `wrong-chain`: it is of another chain; `reorganised`: the block that was read at is gone; `unknown-block`: it has no such block. */
  readonly code: "stale" | "wrong-chain" | "reorganised" | "unknown-block";

  constructor(code: EndpointFault["code"], detail: string) {
    super(detail);
    this.code = code;
  }
}

/** What endpoints are asked with. */
export interface EndpointOptions {
  readonly book: AddressBook;
  /** Seconds after which an endpoint whose newest block is older is not believed. */
  readonly maxBlockAge: number;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** One JSON-RPC endpoint. */
export class Endpoint {
  readonly protocol: Protocol;
  readonly provider: JsonRpcApiProvider;
  readonly #options: EndpointOptions;
  #head: { readonly block: Block; readonly readAt: number } | undefined;
  #asking: Promise<Block> | undefined;

  constructor(provider: JsonRpcApiProvider, options: EndpointOptions) {
    this.provider = provider;
    this.protocol = connectProtocol(options.book, batchedReads(provider));
    this.#options = options;
  }

  /**
   * The newest block, at most a few hundred milliseconds after the endpoint gave it.
   *
   * @throws {EndpointFault} When it is too old to be believed, or of another chain.
   */
  async head(): Promise<Block> {
    const known = this.#head;
    const age = this.#options.now() - (known?.readAt ?? 0);
    if (known === undefined || age < 0 || age >= HEAD_LIFE) return this.#believed(await this.#newest());
    // A failure is told to whoever has to wait for an answer.
    if (age >= HEAD_AHEAD) void this.#newest().catch(() => undefined);
    return this.#believed(known.block);
  }

  /** Asks for the newest block; whoever asks meanwhile waits for the same answer. */
  async #newest(): Promise<Block> {
    this.#asking ??= this.#askForHead().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #askForHead(): Promise<Block> {
    const readAt = this.#options.now();
    const [answer, block] = await Promise.all([
      this.provider.send("eth_chainId", []) as Promise<unknown>,
      this.blockAt("latest"),
    ]);
    const { chainId } = this.#options.book;
    if (Number(answer) !== chainId) {
      throw new EndpointFault("wrong-chain", `it is of chain ${String(Number(answer))} instead of ${String(chainId)}`);
    }
    this.#head = { block, readAt };
    return block;
  }

  #believed(block: Block): Block {
    const age = Math.floor(this.#options.now() / 1000) - block.time;
    if (age <= this.#options.maxBlockAge) return block;
    throw new EndpointFault("stale", `its newest block is ${String(age)} s old`);
  }

  /**
   * A block of the chain as it is now.
   *
   * @throws {EndpointFault} When the endpoint has none of that number.
   */
  async blockAt(tag: "latest" | number): Promise<Block> {
    const block = await this.provider.getBlock(tag);
    if (typeof block?.hash !== "string") throw new EndpointFault("unknown-block", `it has no block ${String(tag)}`);
    return { number: block.number, hash: block.hash, time: block.timestamp };
  }

  /**
   * Reads at a block, and makes sure that the chain still has it afterwards: a read by number may have been answered from another branch.
   *
   * @throws {EndpointFault} `reorganised`, when it has not.
   */
  async readAt<T>(block: Block, read: (protocol: Protocol) => Promise<T>): Promise<T> {
    const value = await read(this.protocol);
    const { hash } = await this.blockAt(block.number);
    if (hash === block.hash) return value;
    this.#head = undefined;
    throw new EndpointFault("reorganised", `block ${String(block.number)} is another one now`);
  }
}
