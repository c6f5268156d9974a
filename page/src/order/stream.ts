import { costOf } from "../../../src/amounts.ts";
import type { OrderView } from "../../../src/facts/order.ts";

/** How a streaming order stands at a moment between two blocks. */
export interface Moment {
  /** Token base units that wait for the running epoch's proof. */
  readonly undecided: bigint;
  /** Seconds that the deposit lasts, if all is proven. */
  readonly runway: bigint;
  /** Unix seconds at which it runs out then. */
  readonly depletion: bigint;
}

/**
 * Counts a stream on from when it was read; the next block says how it really is.
 *
 * @param readAt The chain's time when the order was read, and `now` what it is now, in Unix seconds.
 */
export function momentOf(order: OrderView, readAt: bigint, now: bigint): Moment {
  const { runway, undecided, ratePerSecond, status, stopTime } = order;
  const depletion = readAt + runway;
  if (status !== "Active") return { undecided, runway: 0n, depletion };
  const end = stopTime !== undefined && stopTime < depletion ? stopTime : depletion;
  const until = now < end ? now : end;
  const passed = until > readAt ? until - readAt : 0n;
  const left = runway > passed ? runway - passed : 0n;
  return { undecided: undecided + costOf(ratePerSecond, passed), runway: left, depletion };
}
