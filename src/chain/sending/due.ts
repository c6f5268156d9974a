import { Transaction } from "ethers";

import { capsOf, stepsBelow, type FeeCaps } from "./fees.ts";
import type { Attempt, KeptIntention } from "./store.ts";

/** Whether something was signed at least so many milliseconds from now, whichever way the machine's clock jumped since. */
export const isOlder = ({ signedAt }: Attempt, now: number, milliseconds: number): boolean =>
  Math.abs(now - signedAt) >= milliseconds;

/** What it depends on whether more is paid. */
export interface DueParts {
  /** Undefined where the transaction only frees its nonce. */
  readonly intention: KeptIntention | undefined;
  readonly fees: FeeCaps;
  /** Seconds of the chain that have passed without the transaction, by the blocks that came since; 0 where none came. */
  readonly passed: number;
  /** The chain's time, in Unix seconds. */
  readonly time: number;
  /** Whether it was signed so long ago that more is paid whatever the deadline. */
  readonly isLong: boolean;
}

/**
 * How many steps more are due for a transaction that blocks came without; 0 where none is. It is one at a time, or as many as reach the caps by the
 * last block before the deadline, where further blocks take as long as those that came.
 */
export function stepsDue({ raw }: Attempt, { intention, fees, passed, time, isLong }: DueParts): number {
  if (passed === 0) return 0;
  if (intention?.deadline === undefined) return isLong ? 1 : 0;
  const steps = stepsBelow(Transaction.from(raw), capsOf(fees, intention.isUrgent ? "urgent" : "ordinary"));
  const left = intention.deadline - time;
  if (!isLong && passed * (steps + 2) < left) return 0;
  const blocks = Math.max(1, Math.ceil(left / passed) - 1);
  return Math.max(1, Math.ceil(steps / blocks));
}

/** Seconds by which something urgent has to be due later to give its nonce to what is urgent, too. */
const MUCH_LATER = 3_600;

/** Whether an intention takes the nonce of another one. */
export function outbids(rival: KeptIntention, current: KeptIntention | undefined): boolean {
  if (!rival.isUrgent || current?.isUrgent !== true) return rival.isUrgent;
  return (current.deadline ?? Infinity) - (rival.deadline ?? Infinity) > MUCH_LATER;
}
