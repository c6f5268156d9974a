import { JsonRpcProvider, Network, toQuantity } from "ethers";

import { InputError } from "../../src/inputError.ts";
import { LOCAL_CHAIN_ID } from "../../src/localChain.ts";

/** How many requests travel together. */
const BATCH = 200;
const BASE_FEE = 10n ** 9n;

/** A local chain whose blocks and clock are moved by hand while a market is made on it. */
export class LocalChain {
  readonly provider: JsonRpcProvider;
  #time = 0n;

  private constructor(provider: JsonRpcProvider) {
    this.provider = provider;
  }

  /**
   * Takes hold of a chain.
   *
   * @throws {InputError} Where nobody answers, or the chain is no local one: what is done here would cost money elsewhere.
   */
  static async open(url: string): Promise<LocalChain> {
    const network = Network.from(LOCAL_CHAIN_ID);
    const options = { staticNetwork: network, batchMaxCount: BATCH, batchStallTime: 1, cacheTimeout: -1 };
    const chain = new LocalChain(new JsonRpcProvider(url, network, options));
    try {
      await chain.#check(url);
      return chain;
    } catch (error) {
      chain.close();
      throw error;
    }
  }

  async #check(url: string): Promise<void> {
    let answer: unknown;
    try {
      answer = await this.provider.send("eth_chainId", []);
    } catch (cause) {
      throw new InputError(`No chain answers at ${url}`, "Start one: `npx hardhat devnet`.", { cause });
    }
    if (BigInt(String(answer)) === LOCAL_CHAIN_ID) return;
    const problem = `The chain at ${url} has the id ${BigInt(String(answer)).toString()}`;
    const remedy = `A market is made up on local chains only, which have the id ${LOCAL_CHAIN_ID.toString()}: start one by \`npx hardhat devnet\`.`;
    throw new InputError(problem, remedy);
  }

  /** Unix seconds of the newest block. */
  get now(): bigint {
    return this.#time;
  }

  /**
   * Stops the chain from mining by itself, does some work, and lets it go on.
   *
   * @param blockMilliseconds How often the chain makes blocks by itself; 0 where only transactions make them.
   */
  async byHand<T>(blockMilliseconds: number, work: () => Promise<T>): Promise<T> {
    const isAutomatic: unknown = await this.provider.send("hardhat_getAutomine", []);
    await this.provider.send("evm_setAutomine", [false]);
    await this.provider.send("evm_setIntervalMining", [0]);
    try {
      this.#time = BigInt((await this.newestBlock()).timestamp);
      return await work();
    } finally {
      // Full blocks have made gas dear.
      await this.provider.send("hardhat_setNextBlockBaseFeePerGas", [toQuantity(BASE_FEE)]);
      await this.provider.send("evm_setAutomine", [isAutomatic]);
      await this.provider.send("evm_setIntervalMining", [blockMilliseconds]);
    }
  }

  /** The newest block as the node gives it. */
  async newestBlock(): Promise<NewestBlock> {
    return (await this.provider.send("eth_getBlockByNumber", ["latest", false])) as NewestBlock;
  }

  /** Mines one block; a second after the last, or later. */
  async mine(at = this.#time + 1n): Promise<NewestBlock> {
    await this.provider.send("evm_setNextBlockTimestamp", [toQuantity(at)]);
    await this.provider.send("evm_mine", []);
    this.#time = at;
    return this.newestBlock();
  }

  /** Gives accounts more than they can spend on gas. */
  async enrich(accounts: readonly string[]): Promise<void> {
    const plenty = toQuantity(10n ** 24n);
    const enrich = async (account: string): Promise<void> => {
      await this.provider.send("hardhat_setBalance", [account, plenty]);
    };
    await Promise.all(accounts.map(enrich));
  }

  close(): void {
    this.provider.destroy();
  }
}

/** What is read of a block. */
export interface NewestBlock {
  readonly number: string;
  readonly hash: string;
  readonly timestamp: string;
  /** Hashes. */
  readonly transactions: readonly string[];
}
