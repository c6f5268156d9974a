import { toQuantity } from "ethers";
import { setTimeout as sleep } from "node:timers/promises";

import type { Call } from "./bytecode.ts";
import type { Fees } from "./fees.ts";
import { ask, Ended, within } from "./rpc.ts";
import type { PlatformContext } from "../context.ts";
import { whyRejected } from "../failures/rejected.ts";

/** A transaction, ready to be sent. */
export interface Ready {
  readonly from: string;
  readonly call: Call;
  readonly nonce: number;
  readonly gasLimit: bigint;
  readonly fees: Fees;
}

/** Number of Hardhat's error for a network that has not answered in time: what was asked may have been done. */
const TIMED_OUT = 704;

/** Whether an error of sending leaves open that the transaction has gone out: the answer was lost, not the request refused. */
function isInDoubt(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errorNumber, number } = error as { code?: unknown; errorNumber?: unknown; number?: unknown };
  if (error.name.startsWith("Hardhat")) return errorNumber === TIMED_OUT || number === TIMED_OUT;
  // Hardhat's own code for an HTTP answer that is no answer of the node.
  return typeof code !== "number" || code === -1;
}

/** The transaction with an account's nonce, if a block from `since` on or the pool has it and it makes the same call. */
async function findTheSame(
  { provider }: PlatformContext,
  { from, nonce, call }: Ready,
  since: number,
): Promise<string | undefined> {
  const mined = (await provider.getTransactionCount(from, "latest")) > nonce;
  const last = mined ? await provider.getBlockNumber() : since - 1;
  const places: (number | "pending")[] = Array.from({ length: last - since + 1 }, (_, i) => since + i);
  for (const place of mined ? places : (["pending"] as const)) {
    const block = await provider.getBlock(place, true);
    const found = block?.prefetchedTransactions.find((tx) => tx.from === from && tx.nonce === nonce);
    if (found !== undefined) return found.to === call.to && found.data === call.data ? found.hash : undefined;
  }
  return undefined;
}

/** Milliseconds that a network has to answer once somebody has interrupted. */
const LAST_MOMENT = 2_000;

/** The answer; nothing where somebody interrupts and it does not come at once. */
async function answerOf<T>(sending: Promise<T>, interrupted: AbortSignal): Promise<T | undefined> {
  try {
    return await within(interrupted, sending);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    return Promise.race([sending, sleep(LAST_MOMENT, undefined, { ref: false })]);
  }
}

/** How sending went: the hash is missing where the answer was lost and nobody knows the transaction yet. */
export interface Broadcast {
  readonly hash?: string;
  /** A block before which it cannot be mined. */
  readonly since: number;
}

/**
 * Sends a transaction once. A node that refuses to take it has not sent it, unless it has it already, as where it was asked twice on
 * the way.
 *
 * @throws Why the transaction was not sent, as far as the chain tells; else what the provider throws.
 */
export async function broadcast(context: PlatformContext, ready: Ready, interrupted: AbortSignal): Promise<Broadcast> {
  const { connection, provider } = context;
  const { from, call, nonce, gasLimit, fees } = ready;
  const since = (await provider.getBlockNumber()) + 1;
  const fields = { nonce: toQuantity(nonce), gas: toQuantity(gasLimit), value: toQuantity(call.value), ...fees.fields };
  const tx = { from, to: call.to, data: call.data, ...fields };
  const sending = ask(connection.provider, "eth_sendTransaction", [tx]);
  try {
    const hash = await answerOf(sending, interrupted);
    return typeof hash === "string" ? { hash, since } : { since };
  } catch (error) {
    const hash = await findTheSame(context, ready, since).catch(() => undefined);
    if (hash !== undefined) return { hash, since };
    if (isInDoubt(error)) return { since };
    throw await whyRejected(provider, { from, nonce, cost: call.value + gasLimit * fees.most }, error);
  }
}
