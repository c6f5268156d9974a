import { setTimeout as pause } from "node:timers/promises";

import { Transaction, type ContractTransaction, type Provider, type TransactionReceipt, type Wallet } from "ethers";
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Logger } from "pino";
import { z } from "zod";

import { writeDurably } from "./blobs.ts";
import { causesOf } from "../../causes.ts";
import { toJson } from "../../json.ts";

/** What transactions are sent with. */
export interface TransactionsParts {
  /** The account, connected to the chain. */
  readonly wallet: Wallet;
  /** Where the one that is under way is kept. */
  readonly file: string;
  readonly log: Logger;
  /** Milliseconds after which more is paid for one that is not mined; two minutes by default. */
  readonly patience?: number;
  /** Milliseconds between two looks; 1,000 by default. */
  readonly interval?: number;
}

const kept = z.strictObject({
  /** What it is for, in words. */
  purpose: z.string(),
  /** Of each that was sent under its nonce, one of which is mined. */
  hashes: z.array(z.string()).min(1),
  /** The newest of them, signed. */
  raw: z.string(),
});
type Kept = z.infer<typeof kept>;

const [PATIENCE, INTERVAL] = [120_000, 1_000];
/** So many looks in a row must find the nonce used and none of ours mined: endpoints are not all equally far. */
const LOOKS = 3;

/**
 * Sends an account's transactions one after the other. Each is signed and kept in a file before it is sent, so a process that was killed sends
 * the very same one again, and never a second one for the same purpose beside it: two of one nonce cannot both be mined.
 */
export class Transactions {
  readonly #parts: TransactionsParts;

  constructor(parts: TransactionsParts) {
    this.#parts = parts;
  }

  /** Waits until what was sent before is mined, or cannot be any more; does nothing where nothing is under way. */
  async settle(): Promise<void> {
    const found = await this.#read();
    if (found === undefined) return;
    const { log } = this.#parts;
    const { purpose } = found;
    try {
      const receipt = await this.#finish(found);
      log.info({ purpose, mined: receipt?.hash }, "settled a transaction that was under way");
    } catch (error) {
      if ((await this.#read()) !== undefined) throw error;
      log.warn({ err: error, purpose }, "a transaction that was under way is refused now, and given up");
    }
  }

  /**
   * Sends one and waits until it is mined.
   *
   * @param purpose What it is for, in words.
   * @throws What ethers throws for one that the chain refuses, before anything is sent; an Error for one that it has mined and reverted.
   */
  async send(purpose: string, transaction: ContractTransaction): Promise<TransactionReceipt> {
    await this.settle();
    const { wallet } = this.#parts;
    const filled = await wallet.populateTransaction(transaction);
    // The chain may ask for a little more by the time that it is mined.
    const gasLimit = (BigInt(filled.gasLimit ?? 0) * 6n) / 5n;
    const raw = await wallet.signTransaction({ ...filled, gasLimit });
    const receipt = await this.#finish(await this.#keep({ purpose, hashes: [hashOf(raw)], raw }));
    if (receipt?.status === 1) return receipt;
    const how = receipt === undefined ? "was not mined: another one of the account took its nonce" : "was reverted";
    throw new Error(`The transaction ${hashOf(raw)} to ${purpose} ${how}`);
  }

  get #provider(): Provider {
    const { provider } = this.#parts.wallet;
    if (provider === null) throw new TypeError("The account is not connected to the chain");
    return provider;
  }

  async #read(): Promise<Kept | undefined> {
    try {
      return kept.parse(JSON.parse(await readFile(this.#parts.file, "utf8")));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  async #keep(under: Kept): Promise<Kept> {
    await mkdir(dirname(this.#parts.file), { recursive: true, mode: 0o700 });
    await writeDurably(this.#parts.file, Buffer.from(toJson(under)));
    return under;
  }

  /** Brings a kept transaction to its end; its receipt, or nothing where another one took its nonce. */
  async #finish(under: Kept): Promise<TransactionReceipt | undefined> {
    const { patience = PATIENCE } = this.#parts;
    for (let current = under; ; current = await this.#dearer(current)) {
      await this.#broadcast(current);
      const end = await this.#watch(current, Date.now() + patience);
      if (end === "waits") continue;
      await rm(this.#parts.file, { force: true });
      return end;
    }
  }

  /**
   * Sends it, again if it was sent before.
   *
   * @throws What the network refuses it with, such as too small a balance, where it does not know it from before either.
   */
  async #broadcast({ raw, purpose, hashes }: Kept): Promise<void> {
    try {
      await this.#provider.broadcastTransaction(raw);
    } catch (error) {
      this.#parts.log.debug({ err: error, purpose }, "a transaction was not taken");
      if (!isRefusal(error) || (await this.#isKnown(raw, hashes))) return;
      await rm(this.#parts.file, { force: true });
      throw error;
    }
  }

  /** Whether the network has one of them, or has mined one of their nonce. */
  async #isKnown(raw: string, hashes: readonly string[]): Promise<boolean> {
    const { from, nonce } = Transaction.from(raw);
    for (const hash of hashes) if ((await this.#provider.getTransaction(hash)) !== null) return true;
    return (await this.#provider.getTransactionCount(from ?? "", "latest")) > nonce;
  }

  async #watch({ raw, hashes }: Kept, deadline: number): Promise<TransactionReceipt | "waits" | undefined> {
    const { interval = INTERVAL } = this.#parts;
    const { from, nonce } = Transaction.from(raw);
    for (let taken = 0; taken < LOOKS;) {
      const next = await this.#provider.getTransactionCount(from ?? "", "latest");
      for (const hash of hashes) {
        const receipt = await this.#provider.getTransactionReceipt(hash);
        if (receipt !== null) return receipt;
      }
      taken = next > nonce ? taken + 1 : 0;
      // One that waits for others before it, which nobody knows, is of a chain that was begun anew.
      if (Date.now() > deadline) return next < nonce ? undefined : "waits";
      await pause(interval);
    }
    return undefined;
  }

  /** The same under the same nonce, for more: networks take it in place of the first from a tenth more on. */
  async #dearer(under: Kept): Promise<Kept> {
    const { wallet, log } = this.#parts;
    const before = Transaction.from(under.raw);
    if (before.from !== wallet.address) return under;
    const fees = await this.#provider.getFeeData();
    const raised = (old: bigint | null, now: bigint | null): bigint | null => {
      if (old === null) return null;
      const more = (old * 5n) / 4n + 1n;
      return now !== null && now > more ? now : more;
    };
    const next = before.clone();
    next.signature = null;
    next.gasPrice = raised(before.gasPrice, fees.gasPrice);
    next.maxFeePerGas = raised(before.maxFeePerGas, fees.maxFeePerGas);
    next.maxPriorityFeePerGas = raised(before.maxPriorityFeePerGas, fees.maxPriorityFeePerGas);
    const raw = await wallet.signTransaction(next);
    log.warn({ purpose: under.purpose, hash: hashOf(raw) }, "a transaction is not mined; it pays more now");
    return this.#keep({ ...under, raw, hashes: [...under.hashes, hashOf(raw)] });
  }
}

/** Whether a node has answered with an error of JSON-RPC: all else may have reached the network. */
const isRefusal = (error: unknown): boolean => causesOf(error).some(({ code }) => typeof code === "number");

const hashOf = (raw: string): string => Transaction.from(raw).hash ?? "";
