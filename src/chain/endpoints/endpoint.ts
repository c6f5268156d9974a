import type { JsonRpcApiProvider } from "ethers";

import { EndpointFault } from "./fault.ts";
import { batchedReads } from "../batch.ts";
import type { Block } from "../block.ts";
import type { AddressBook } from "../../deployments.ts";
import { connectProtocol, type Protocol } from "../../protocol.ts";
import { isRevert } from "../../revertData.ts";

/** Milliseconds for which the newest block is not asked for again: many requests share it. */
export const HEAD_LIFE = 300;
/** Milliseconds after which it is asked for ahead, so that of many requests none waits for it. */
const HEAD_AHEAD = 200;

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

  /**
   * The newest block, asked for now.
   *
   * @throws {EndpointFault} As {@link head}.
   */
  async freshHead(): Promise<Block> {
    // What is being asked for already may be from before the caller's question.
    await this.#asking?.catch(() => undefined);
    return this.#believed(await this.#newest());
  }

  /** Has the newest block asked for again: it was taken back. */
  forgetHead(): void {
    this.#head = undefined;
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
   * @throws What a contract reverted with.
   */
  async readAt<T>(block: Block, read: (protocol: Protocol) => Promise<T>): Promise<T> {
    try {
      const value = await read(this.protocol);
      await this.#requireAt(block);
      return value;
    } catch (error) {
      if (isRevert(error)) await this.#requireAt(block);
      throw error;
    }
  }

  async #requireAt(block: Block): Promise<void> {
    const { hash } = await this.blockAt(block.number);
    if (hash === block.hash) return;
    throw new EndpointFault("reorganised", `block ${String(block.number)} is another one now`);
  }
}
