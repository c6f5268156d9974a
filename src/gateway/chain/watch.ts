import { setTimeout as pause } from "node:timers/promises";

import type { Block, OrderView } from "./orders.ts";
import type { ChainReader } from "./reader.ts";

/** What is watched, and how. */
export interface WatchOptions {
  readonly reader: Pick<ChainReader, "findOrders" | "readMany">;
  /** The block before which the node has no orders. */
  readonly fromBlock: number;
  /** Orders that are known already, such as those with an application. */
  readonly orders: readonly number[];
  /** Milliseconds between two looks. */
  readonly interval: number;
  readonly signal: AbortSignal;
  /** Told of a look that failed; the watch goes on. Must not throw. */
  readonly failed: (error: unknown) => void;
  /** Waits between two looks; by the clock unless a test says otherwise. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** So many blocks are searched again for new orders: a reorganisation may have put others there. */
const OVERLAP = 64;
/** So many blocks after an order was over it is not looked at any more. */
const FORGET_AFTER = 256;

const isOver = ({ status }: OrderView): boolean => status === "Closed" || status === "Cancelled";

/** What of an order is news when it changes. */
function essenceOf({ termsHash, status, reason, deposited, stopAt }: OrderView): string {
  return [termsHash, status, reason, deposited, stopAt].map(String).join(" ");
}

/** What is known of an order. */
interface Known {
  readonly essence: string | undefined;
  /** The block at which it was seen to be over first. */
  readonly overAt: number | undefined;
}

const UNKNOWN: Known = { essence: undefined, overAt: undefined };

/** What a look at an order leaves known. */
function learn(known: Known, view: OrderView): Known {
  return { essence: essenceOf(view), overAt: isOver(view) ? (known.overAt ?? view.block.number) : undefined };
}

/**
 * Watches the node's orders: gives each as it is first seen, and again whenever its status, deposit or stop changes. Where the chain cannot be
 * read it gives nothing and looks again later, so a failure is never news; an order that a reorganisation took away is given again if it comes
 * back. What it gives is of the newest block: read again with `readFinal` before anything that cannot be undone.
 *
 * @returns Ends when `signal` aborts.
 */
export async function* watchOrders(options: WatchOptions): AsyncGenerator<OrderView, void, undefined> {
  const { reader, signal, interval, failed, wait = defaultWait } = options;
  const known = new Map<number, Known>(options.orders.map((order) => [order, UNKNOWN]));
  let from = options.fromBlock;
  while (!signal.aborted) {
    let news: OrderView[] = [];
    try {
      const { orders, head } = await reader.findOrders(from, signal);
      for (const order of orders) if (!known.has(order)) known.set(order, UNKNOWN);
      news = learnAll(known, await reader.readMany([...known.keys()]), head);
      from = Math.max(options.fromBlock, head.number - OVERLAP);
    } catch (error) {
      if (!isAborted(signal)) failed(error);
    }
    yield* news;
    await wait(interval, signal);
  }
}

/** Asked after waiting, when it may have changed. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

function learnAll(
  known: Map<number, Known>,
  views: ReadonlyMap<number, OrderView | undefined>,
  head: Block,
): OrderView[] {
  const news: OrderView[] = [];
  for (const [order, view] of views) {
    const before = known.get(order) ?? UNKNOWN;
    const after = view === undefined ? UNKNOWN : learn(before, view);
    known.set(order, after);
    if (view !== undefined && after.essence !== before.essence) news.push(view);
    if (after.overAt !== undefined && head.number - after.overAt > FORGET_AFTER) known.delete(order);
  }
  return news;
}

async function defaultWait(milliseconds: number, signal: AbortSignal): Promise<void> {
  // Being told to stop is no failure.
  await pause(milliseconds, undefined, { signal }).catch(() => undefined);
}
