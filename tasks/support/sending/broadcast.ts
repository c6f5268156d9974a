import { toQuantity } from "ethers";
import { setTimeout as sleep } from "node:timers/promises";

import type { Call } from "./bytecode.ts";
import type { Fees } from "./fees.ts";
import type { Pooled } from "./pool.ts";
import { ask, Ended, within } from "./rpc.ts";
import { findMined, makes } from "./search.ts";
import type { PlatformContext } from "../context.ts";
import { nonceUsed, whyRejected } from "../failures/rejected.ts";

/** A transaction, ready to be sent. */
export interface Ready {
  readonly from: string;
  readonly call: Call;
  readonly nonce: number;
  readonly gasLimit: bigint;
  readonly fees: Fees;
}

/** Hardhat's numbers for a network that has answered nothing that is an answer, or not in time: what was asked may have been done. */
const UNANSWERED: readonly unknown[] = [702, 704];

/** Whether an error of sending leaves open that the transaction has gone out: the answer was lost, not the request refused. */
function isInDoubt(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errorNumber, number } = error as { code?: unknown; errorNumber?: unknown; number?: unknown };
  if (error.name.startsWith("Hardhat")) return UNANSWERED.includes(errorNumber ?? number);
  // Hardhat's own code for an HTTP answer that is no answer of the node.
  return typeof code !== "number" || code === -1;
}

/** What the network has at an account's nonce. */
type Place = "nothing" | "something" | { readonly hash: string; readonly isSame: boolean };

/** The transaction with an account's nonce in a block from `since` on. */
async function minedAt({ provider }: PlatformContext, ready: Ready, since: number): Promise<Place> {
  const found = await findMined(provider, ready, since, await provider.getBlockNumber());
  return found === undefined ? "something" : { hash: found.hash, isSame: makes(found, ready.call) };
}

/**
 * What a block from `since` on or the pool has at an account's nonce, and whether it makes the same call. Few nodes show their pool, so
 * that something is there may be all that is known.
 */
async function placeOf(context: PlatformContext, ready: Ready, since: number): Promise<Place> {
  const { provider } = context;
  const { from, nonce, call } = ready;
  if ((await provider.getTransactionCount(from, "latest")) > nonce) return minedAt(context, ready, since);
  const isIt = (tx: Pooled): boolean => tx.from.toLowerCase() === from.toLowerCase() && tx.nonce === nonce;
  // Loaded here alone: most transactions are sent without a doubt.
  const { poolOf } = await import("./pool.ts");
  const found = (await poolOf(context).catch(() => [])).find(isIt);
  if (found !== undefined) return { hash: found.hash, isSame: makes(found, call) };
  return (await provider.getTransactionCount(from, "pending")) > nonce ? "something" : "nothing";
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
 * What an error of sending means: the transaction's hash where the network has it all the same, and nothing where that is open.
 *
 * @param before What the network had at the nonce before.
 * @throws Why the transaction was not sent, as far as the chain tells; else the error.
 */
async function resolved(
  context: PlatformContext,
  ready: Ready,
  { since, before }: { readonly since: number; readonly before: Place },
  error: unknown,
): Promise<Broadcast> {
  const place = await placeOf(context, ready, since).catch(() => "something" as const);
  if (typeof place === "object") {
    const isNew = typeof before !== "object" || place.hash !== before.hash;
    if (place.isSame && isNew) return { hash: place.hash, since };
  }
  if (isInDoubt(error) || (place === "something" && !context.options.replace)) return { since };
  const { from, nonce, call, gasLimit, fees } = ready;
  throw await whyRejected(context.provider, { from, nonce, cost: call.value + gasLimit * fees.most }, error);
}

/**
 * Sends a transaction once. A node that refuses to take it has not sent it, unless it has it already, as where it was asked twice on
 * the way.
 *
 * @throws Why the transaction was not sent, as far as the chain tells; else what the provider throws.
 */
export async function broadcast(context: PlatformContext, ready: Ready, interrupted: AbortSignal): Promise<Broadcast> {
  const { connection, provider, options } = context;
  const { from, call, nonce, gasLimit, fees } = ready;
  const since = (await provider.getBlockNumber()) + 1;
  const mined = await provider.getTransactionCount(from, "latest");
  if (mined > nonce) throw nonceUsed(from, nonce, mined);
  const before = options.replace ? await placeOf(context, ready, since) : "nothing";
  const fields = { nonce: toQuantity(nonce), gas: toQuantity(gasLimit), value: toQuantity(call.value), ...fees.fields };
  const tx = { from, to: call.to, data: call.data, ...fields };
  try {
    const hash = await answerOf(ask(connection.provider, "eth_sendTransaction", [tx]), interrupted);
    return typeof hash === "string" ? { hash, since } : { since };
  } catch (error) {
    return resolved(context, ready, { since, before }, error);
  }
}
