import { setTimeout as pause } from "node:timers/promises";

import {
  Transaction,
  type ContractTransaction,
  type FeeData,
  type Provider,
  type TransactionReceipt,
  type Wallet,
} from "ethers";
import type { Logger } from "pino";

import { feesOf, raised, type Fees } from "./fees.ts";
import { KeptTransaction, type Kept } from "./keptTransaction.ts";
import { causesOf } from "../../causes.ts";

/** What transactions are sent with. */
export interface TransactionsParts {
  /** Signs; asks nobody. */
  readonly wallet: Wallet;
  readonly chainId: bigint;
  /** The chain's endpoints: what is sent goes to each of them, and is looked for at each. */
  readonly providers: readonly Provider[];
  /** Where the one that is under way is kept. */
  readonly file: string;
  readonly log: Logger;
  /** Milliseconds after which more is paid for one that is not mined; two minutes by default. */
  readonly patience?: number;
  /** Milliseconds between two looks; 1,000 by default. */
  readonly interval?: number;
}

const [PATIENCE, INTERVAL] = [120_000, 1_000];
/** So many more looks are given to endpoints that do not have a receipt yet which another one has. */
const LAG = 15;
/** So many looks in a row must find the nonce used and none of ours mined: endpoints are not all equally far. */
const LOOKS = 3;
const NO_ENDPOINT = "There is no endpoint of the chain to ask";

/** What the endpoints have of a transaction. */
interface Look {
  /** Undefined where none has one. */
  readonly receipt: TransactionReceipt | undefined;
  readonly isEverywhere: boolean;
  /** Whether all say that another one has its nonce. */
  readonly isTaken: boolean;
  /** Whether all say that its nonce is the account's next one. */
  readonly isNext: boolean;
}

/** A transaction that was mined, paid for, and did nothing. */
export class RevertedError extends Error {
  override readonly name = "RevertedError";
}

/**
 * Sends an account's transactions one after the other. Each is signed and kept in a file before it is sent, so a process that was killed sends
 * the very same one again, and never a second one for the same purpose beside it: two of one nonce cannot both be mined.
 *
 * Each attempt rests on what one endpoint says of gas, nonce and fees, and goes through all of them; the next attempt rests on what another
 * says. So an endpoint that does not answer, keeps to itself what it is given, or lies, delays by one attempt and hinders nothing.
 */
export class Transactions {
  readonly #parts: TransactionsParts;
  readonly #kept: KeptTransaction;
  #mined = { block: 0, at: 0 };
  /** Whose turn it is to be believed: one more with each attempt that failed. */
  #turn = 0;

  constructor(parts: TransactionsParts) {
    this.#parts = parts;
    this.#kept = new KeptTransaction(parts.file);
  }

  /** The block in which the last of them was mined, for two minutes: what an endpoint says of an older one tells nothing of it. */
  get minedIn(): number {
    return Date.now() - this.#mined.at < PATIENCE ? this.#mined.block : 0;
  }

  /** Waits until what was sent before is mined, or cannot be any more; does nothing where nothing is under way. */
  async settle(): Promise<void> {
    const found = await this.#kept.read();
    if (found === undefined) return;
    const { log } = this.#parts;
    const { purpose } = found;
    try {
      const receipt = await this.#finish(found);
      log.info({ purpose, mined: receipt?.hash }, "settled a transaction that was under way");
    } catch (error) {
      if ((await this.#kept.read()) !== undefined) throw error;
      log.warn({ err: error, purpose }, "a transaction that was under way is refused now, and given up");
    }
  }

  /**
   * Tries one out, without sending it: no endpoint that answers may refuse it, and one must answer.
   *
   * @throws What ethers throws for one that the chain refuses, and where no endpoint answers.
   */
  async tryOut(transaction: ContractTransaction): Promise<void> {
    const call = { ...transaction, from: this.#parts.wallet.address };
    const { answers, errors } = await this.#ask(async (provider) => provider.call(call));
    for (const error of errors) if (answers.length === 0 || isRefusal(error)) throw error;
  }

  /**
   * Sends one and waits until it is mined.
   *
   * @param purpose What it is for, in words.
   * @throws What ethers throws for one that every endpoint refuses, before anything is sent; {@link RevertedError}; an Error for one that
   * cannot be mined under its nonce.
   */
  async send(purpose: string, transaction: ContractTransaction): Promise<TransactionReceipt> {
    await this.settle();
    const { wallet, chainId } = this.#parts;
    const { to, data, value } = transaction;
    const filled = { chainId, to, data, value: value ?? 0n, ...(await this.#estimate(transaction)) };
    const raw = await wallet.signTransaction(filled);
    const receipt = await this.#finish(await this.#kept.write({ purpose, hashes: [hashOf(raw)], raw }));
    if (receipt?.status === 1) return receipt;
    const what = `The transaction ${hashOf(raw)} to ${purpose}`;
    if (receipt === undefined) throw new Error(`${what} was given up: it cannot be mined under its nonce`);
    throw new RevertedError(`${what} was reverted`);
  }

  /** What a transaction needs, as the endpoint says whose turn it is. */
  async #estimate(transaction: ContractTransaction): Promise<Fees & { nonce: number; gasLimit: bigint }> {
    const from = this.#parts.wallet.address;
    const said = await this.#answers(async (provider) => {
      const [gas, nonce, fees] = await Promise.all([
        provider.estimateGas({ ...transaction, from }),
        provider.getTransactionCount(from, "latest"),
        provider.getFeeData(),
      ]);
      return { gas, nonce, fees };
    });
    const { gas, nonce } = this.#believed(said);
    // The chain may ask for a little more by the time that it is mined.
    return { nonce, gasLimit: (gas * 6n) / 5n, ...this.#fees(said.map(({ fees }) => fees)) };
  }

  #believed<T>(said: readonly T[]): T {
    return said[this.#turn % said.length] as T;
  }

  #fees(said: readonly FeeData[]): Fees {
    const own = this.#believed(said);
    return feesOf(
      own,
      said.filter((each) => each !== own),
    );
  }

  /** What each endpoint answers, and what went wrong at the others. */
  async #ask<T>(question: (provider: Provider) => Promise<T>): Promise<{ answers: T[]; errors: Error[] }> {
    const settled = await Promise.allSettled(this.#parts.providers.map(question));
    const answers = settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    const errors = settled.flatMap((each) => (each.status === "rejected" ? [each.reason as Error] : []));
    return { answers, errors };
  }

  /**
   * What the endpoints answer that do.
   *
   * @throws What went wrong where none does: a refusal, if there is one.
   */
  async #answers<T>(question: (provider: Provider) => Promise<T>): Promise<T[]> {
    const { answers, errors } = await this.#ask(question);
    if (answers.length > 0) return answers;
    throw errors.find(isRefusal) ?? errors[0] ?? new TypeError(NO_ENDPOINT);
  }

  /** Brings a kept transaction to its end; its receipt, or nothing where another one took its nonce. */
  async #finish(under: Kept): Promise<TransactionReceipt | undefined> {
    const { patience = PATIENCE } = this.#parts;
    for (let current = under; ; current = await this.#dearer(current)) {
      await this.#broadcast(current);
      const end = await this.#watch(current, Date.now() + patience);
      if (end === "waits") continue;
      this.#mined = { block: end?.blockNumber ?? 0, at: Date.now() };
      if (end?.status !== 1) this.#turn += 1;
      await this.#kept.remove();
      return end;
    }
  }

  /**
   * Sends it through every endpoint, again if it was sent before.
   *
   * @throws What the network refuses it with, such as too small a balance, where no endpoint has taken it, now or before.
   */
  async #broadcast({ raw, purpose, hashes }: Kept): Promise<void> {
    const { answers, errors } = await this.#ask(async (provider) => provider.broadcastTransaction(raw));
    for (const error of errors) this.#parts.log.debug({ err: error, purpose }, "a transaction was not taken");
    const mayBeThere = answers.length > 0 || !errors.every(isRefusal);
    if (mayBeThere || (await this.#isKnown(raw, hashes))) return;
    await this.#kept.remove();
    this.#turn += 1;
    throw errors[0] ?? new TypeError(NO_ENDPOINT);
  }

  /** Whether an endpoint has one of them, or has mined one of their nonce. */
  async #isKnown(raw: string, hashes: readonly string[]): Promise<boolean> {
    const { from, nonce } = Transaction.from(raw);
    for (const hash of hashes) {
      const found = await this.#answers(async (provider) => provider.getTransaction(hash));
      if (found.some((each) => each !== null)) return true;
    }
    const counts = await this.#answers(async (provider) => provider.getTransactionCount(from ?? "", "latest"));
    return counts.some((count) => count > nonce);
  }

  async #watch(under: Kept, deadline: number): Promise<TransactionReceipt | "waits" | undefined> {
    let seen = 0;
    for (let taken = 0; taken < LOOKS;) {
      const { receipt, isEverywhere, isTaken, isNext } = await this.#look(under);
      if (receipt !== undefined) {
        // An endpoint that is behind would say that nothing has happened yet.
        if (isEverywhere || seen >= LAG) return receipt;
        seen += 1;
      } else if (Date.now() > deadline) {
        // One whose nonce is not the next one waits for others, which nobody knows: its endpoint has lied, or the chain was begun anew.
        return isNext ? "waits" : undefined;
      }
      taken = isTaken ? taken + 1 : 0;
      await pause(this.#parts.interval ?? INTERVAL);
    }
    return undefined;
  }

  /** What the endpoints that answer have of one that was sent. */
  async #look({ raw, hashes }: Kept): Promise<Look> {
    const { from, nonce } = Transaction.from(raw);
    const counts = await this.#answers(async (provider) => provider.getTransactionCount(from ?? "", "latest"));
    const receipts = await this.#answers(async (provider) => receiptAt(provider, hashes));
    const receipt = receipts.find((each) => each !== undefined);
    return {
      receipt,
      isEverywhere: !receipts.includes(undefined),
      isTaken: receipt === undefined && counts.every((count) => count > nonce),
      isNext: counts.every((count) => count === nonce),
    };
  }

  /** The same under the same nonce, for more: networks take it in place of the first from a tenth more on. */
  async #dearer(under: Kept): Promise<Kept> {
    const { wallet, log } = this.#parts;
    const before = Transaction.from(under.raw);
    if (before.from !== wallet.address) return under;
    const next = before.clone();
    next.signature = null;
    this.#turn += 1;
    Object.assign(next, raised(before, this.#fees(await this.#answers(async (provider) => provider.getFeeData()))));
    const raw = await wallet.signTransaction(next);
    log.warn({ purpose: under.purpose, hash: hashOf(raw) }, "a transaction is not mined; it pays more now");
    return this.#kept.write({ ...under, raw, hashes: [...under.hashes, hashOf(raw)] });
  }
}

/** The receipt of the one that an endpoint has mined. */
async function receiptAt(provider: Provider, hashes: readonly string[]): Promise<TransactionReceipt | undefined> {
  for (const hash of hashes) {
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt !== null) return receipt;
  }
  return undefined;
}

/** Whether a node has answered with an error of JSON-RPC: all else may have reached the network. */
const isRefusal = (error: unknown): boolean => causesOf(error).some(({ code }) => typeof code === "number");

const hashOf = (raw: string): string => Transaction.from(raw).hash ?? "";
