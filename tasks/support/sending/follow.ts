import type { Provider, TransactionReceipt, TransactionResponse } from "ethers";

import type { Call } from "./bytecode.ts";
import { Ended, pause, within } from "./rpc.ts";
import { findMined, makes } from "./search.ts";

/** A transaction on its way. */
export interface Underway extends Call {
  /** Missing where the network's answer to sending it was lost. */
  readonly hash?: string | undefined;
  readonly from: string;
  readonly nonce: number;
  /** A block before which it cannot be mined. */
  readonly since: number;
}

/** What is known of a transaction when waiting ends. */
export type Followed =
  | { readonly kind: "mined"; readonly receipt: TransactionReceipt }
  /** Another transaction with its nonce was mined, and does something else. */
  | { readonly kind: "replaced"; readonly hash: string; readonly cancelled: boolean }
  /** The network has it, and has not mined it; or it has, in a block that is not confirmed as often as wanted. */
  | { readonly kind: "pending"; readonly block?: number }
  /** The network does not have it, and its nonce is free. */
  | { readonly kind: "dropped" }
  /** The network did not say. */
  | { readonly kind: "unknown"; readonly cause: unknown };

/** How to wait. */
export interface Patience {
  readonly confirmations: number;
  /** Ends waiting. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks, at first. */
  readonly every: number;
  /** Milliseconds after which a transaction that the network does not have counts as dropped. */
  readonly grace: number;
}

const SLOWEST = 4_000;

/** Milliseconds after which a network that does not answer is asked again. */
const PATIENCE = 20_000;

/** Follows one transaction, through faults of the network and through a replacement of other fees. */
class Follower {
  readonly #provider: Provider;
  readonly #underway: Underway;
  readonly #patience: Patience;
  #hash: string | undefined;
  /** The block to look from for whatever has its nonce. */
  #first: number;
  /** When the network was first seen without it, in milliseconds. */
  #missingSince: number | undefined;
  #last: Followed = { kind: "unknown", cause: undefined };

  constructor(provider: Provider, underway: Underway, patience: Patience) {
    this.#provider = provider;
    this.#underway = underway;
    this.#patience = patience;
    this.#hash = underway.hash;
    this.#first = underway.since;
  }

  async follow(): Promise<Followed> {
    let wait = this.#patience.every;
    try {
      for (;;) {
        const end = await this.#look();
        if (end !== undefined) return end;
        await pause(this.#patience.signal, wait);
        wait = Math.min(wait * 1.5, Math.max(SLOWEST, this.#patience.every));
      }
    } catch (error) {
      if (error instanceof Ended) return this.#last;
      throw error;
    }
  }

  /** One look; what a network answers wrongly is asked again. */
  async #look(): Promise<Followed | undefined> {
    const { signal } = this.#patience;
    try {
      return await within(AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]), this.#seen());
    } catch (error) {
      if (signal.aborted) throw new Ended();
      this.#last = { kind: "unknown", cause: error };
      return undefined;
    }
  }

  async #seen(): Promise<Followed | undefined> {
    const { from, nonce } = this.#underway;
    const receipt = this.#hash === undefined ? null : await this.#provider.getTransactionReceipt(this.#hash);
    if (receipt !== null) return this.#confirmed(receipt);
    if ((await this.#provider.getTransactionCount(from, "latest")) > nonce) return this.#findMined();
    return this.#notMined();
  }

  async #confirmed(receipt: TransactionReceipt): Promise<Followed | undefined> {
    this.#last = { kind: "pending", block: receipt.blockNumber };
    return (await this.#isDeep(receipt.blockNumber)) ? { kind: "mined", receipt } : undefined;
  }

  /** Whether a block is confirmed as often as wanted. */
  async #isDeep(block: number): Promise<boolean> {
    const { confirmations } = this.#patience;
    return confirmations <= 1 || (await this.#provider.getBlockNumber()) - block + 1 >= confirmations;
  }

  /** The nonce was used: by this transaction, whose receipt is late, or by another, which is looked for in the blocks since. */
  async #findMined(): Promise<Followed | undefined> {
    this.#last = { kind: "unknown", cause: undefined };
    const latest = await this.#provider.getBlockNumber();
    const found = await findMined(this.#provider, this.#underway, this.#first, latest);
    // Where it is nowhere it is in a block that the network has not told of yet, or has put in the place of another since.
    this.#first = found?.blockNumber ?? this.#underway.since;
    return found === undefined ? undefined : this.#judge(found);
  }

  /** Whether what was mined does the same: then only its fees are others. */
  async #judge(found: TransactionResponse): Promise<Followed | undefined> {
    if (found.hash !== this.#underway.hash && !makes(found, this.#underway)) return this.#replaced(found);
    this.#hash = found.hash;
    const receipt = await this.#provider.getTransactionReceipt(found.hash);
    return receipt === null ? undefined : this.#confirmed(receipt);
  }

  /** Another one came in its place; while that is not deep enough, it may give the place back. */
  async #replaced({ hash, from, to, data, value, blockNumber }: TransactionResponse): Promise<Followed | undefined> {
    if (!(await this.#isDeep(blockNumber ?? 0))) return undefined;
    return { kind: "replaced", hash, cancelled: to === from && data === "0x" && value === 0n };
  }

  async #notMined(): Promise<Followed | undefined> {
    if (await this.#isKnown()) {
      this.#missingSince = undefined;
      this.#last = { kind: "pending" };
      return undefined;
    }
    this.#missingSince ??= Date.now();
    this.#last = { kind: "dropped" };
    return Date.now() - this.#missingSince >= this.#patience.grace ? this.#last : undefined;
  }

  async #isKnown(): Promise<boolean> {
    const { from, nonce } = this.#underway;
    if (this.#hash !== undefined) return (await this.#provider.getTransaction(this.#hash)) !== null;
    return (await this.#provider.getTransactionCount(from, "pending")) > nonce;
  }
}

/** Waits until a transaction is mined and confirmed, or until the signal ends waiting. */
export async function follow(provider: Provider, underway: Underway, patience: Patience): Promise<Followed> {
  return new Follower(provider, underway, patience).follow();
}
