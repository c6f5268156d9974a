import { formatEther, type TransactionReceipt } from "ethers";
import { setTimeout as sleep } from "node:timers/promises";

import { reachBlock } from "./after.ts";
import { broadcast, type Ready } from "./broadcast.ts";
import type { Call } from "./bytecode.ts";
import { PartlySent, SendingError, type Sending } from "./failures.ts";
import type { Fees } from "./fees.ts";
import { follow, type Followed, type Patience } from "./follow.ts";
import { gasLimitOf } from "../../../src/chain/sending/gasLimits.ts";
import { interruptible } from "./interrupt.ts";
import { estimateGas, type StepTrial } from "./trial.ts";
import { notMined } from "./unfinished.ts";
import { whyFailed } from "./whyFailed.ts";
import { LOCAL_CHAIN_ID, type PlatformContext } from "../context.ts";
import { Refusal } from "../failure.ts";
import { tell } from "../terminal.ts";
import { parseDuration } from "../../../src/amounts.ts";

/** All that is to be sent. */
export interface Batch {
  readonly from: string;
  readonly titles: readonly string[];
  readonly calls: readonly Call[];
  readonly trials: readonly StepTrial[];
  readonly fees: Fees;
  /** Of the first transaction. */
  readonly nonce: number;
}

/** A transaction that was mined and has succeeded. */
export interface Success {
  readonly sending: Sending;
  readonly receipt: TransactionReceipt;
}

/** How to wait on this network. */
export function patienceOn({ chainId, options }: PlatformContext, interrupted: AbortSignal): Patience {
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(Number(parseDuration(options.timeout)) * 1000)]);
  const local = chainId === LOCAL_CHAIN_ID;
  return { confirmations: options.confirmations, signal, every: local ? 50 : 1_000, grace: local ? 10_000 : 90_000 };
}

/** Milliseconds for which a refusal of a later step is not believed. */
const LAG = 15_000;

/** Sends one transaction after the other, each when the one before it has succeeded. */
class Sender {
  readonly #context: PlatformContext;
  readonly #batch: Batch;
  readonly #interrupted: AbortSignal;
  /** How much the task had sent before. */
  readonly #before: number;
  readonly #successes: Success[] = [];

  constructor(context: PlatformContext, batch: Batch, interrupted: AbortSignal) {
    this.#context = context;
    this.#batch = batch;
    this.#interrupted = interrupted;
    this.#before = context.sent.length;
  }

  async sendAll(): Promise<Success[]> {
    const { titles } = this.#batch;
    try {
      for (const i of titles.keys()) await this.#sendStep(i);
      return this.#successes;
    } catch (error) {
      const { sent } = this.#context;
      if (sent.length === 0) throw error;
      throw new PartlySent(error, sent, titles.slice(sent.length - this.#before));
    }
  }

  async #sendStep(i: number): Promise<void> {
    const { titles, calls, fees, nonce } = this.#batch;
    const [title, call] = [titles[i], calls[i]];
    if (title === undefined || call === undefined) return;
    if (this.#interrupted.aborted)
      throw new SendingError("Interrupted", "Interrupted.", "Look before you run it again.");
    const gas = await this.#gasOf(i, call);
    tell(`${title}: about ${gas.toLocaleString("en")} gas, ${formatEther(gas * fees.price)} of the chain's coin`);
    const { from } = this.#batch;
    const ready: Ready = { from, call, nonce: nonce + i, gasLimit: gasLimitOf(call.data, gas), fees };
    await this.#sendOne(title, ready);
  }

  /** The first was estimated just now; the others are estimated on what those before them have left. */
  async #gasOf(i: number, call: Call): Promise<bigint> {
    const known = this.#batch.trials[i]?.gas;
    if (i === 0 && known !== undefined) return known;
    return this.#estimate(call, this.#successes.at(-1)?.receipt.blockNumber);
  }

  /** Of several nodes behind one address, one that lags behind refuses what rests on a step that it has not seen: it is asked again. */
  async #estimate(call: Call, after: number | undefined): Promise<bigint> {
    const { provider, chainId } = this.#context;
    if (after !== undefined) await reachBlock(provider, after);
    const end = Date.now() + (after === undefined || chainId === LOCAL_CHAIN_ID ? 0 : LAG);
    for (;;) {
      try {
        return await estimateGas(this.#context, this.#batch.from, call);
      } catch (error) {
        if (!(error instanceof Refusal) || Date.now() >= end) throw error;
        await sleep(1_000);
      }
    }
  }

  async #sendOne(title: string, ready: Ready): Promise<void> {
    const { from, call, nonce } = ready;
    const { hash, since } = await broadcast(this.#context, ready, this.#interrupted);
    const told = { title, nonce, ...(hash === undefined ? {} : { hash }) };
    this.#context.sent.push({ ...told, status: "unknown" });
    tell(
      hash === undefined
        ? `${title}: the answer was lost, looking for nonce ${String(nonce)}`
        : `${title}: sent, ${hash}`,
    );
    const underway = { ...call, hash, from, nonce, since };
    const followed = await follow(this.#context.provider, underway, patienceOn(this.#context, this.#interrupted));
    await this.#conclude(told, ready, followed);
  }

  async #conclude(told: Pick<Sending, "title" | "nonce" | "hash">, ready: Ready, followed: Followed): Promise<void> {
    if (followed.kind !== "mined") {
      const { fate, error } = notMined(told, followed, this.#interrupted.aborted);
      this.#replaceLast({ ...told, ...fate });
      throw error;
    }
    const { receipt } = followed;
    const { hash, blockNumber: block } = receipt;
    const replaces = told.hash === undefined || told.hash === hash ? {} : { replaces: told.hash };
    const sending = { ...told, hash, block, ...replaces };
    if (receipt.status === 0) {
      this.#replaceLast({ ...sending, status: "failed" });
      const { from, call, gasLimit } = ready;
      throw await whyFailed(this.#context, { from, call, gasLimit, receipt });
    }
    this.#replaceLast({ ...sending, status: "mined" });
    const other = replaces.replaces === undefined ? "" : ` as ${hash}, which replaced it with other fees`;
    tell(`${told.title}: mined in block ${String(block)}${other}`);
    this.#successes.push({ sending: { ...sending, status: "mined" }, receipt });
  }

  #replaceLast(sending: Sending): void {
    const { sent } = this.#context;
    sent[sent.length - 1] = sending;
  }
}

/**
 * Sends transactions and waits until each is mined.
 *
 * @throws {PartlySent} When not all of them succeeded, with what became of each; what was thrown where nothing was sent.
 */
export async function sendBatch(context: PlatformContext, batch: Batch): Promise<Success[]> {
  return interruptible((interrupted) => new Sender(context, batch, interrupted).sendAll());
}
