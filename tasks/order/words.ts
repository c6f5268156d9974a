import type { PlatformContext } from "../support/context.ts";
import { formatAmount, formatDuration, formatRate, formatTime, formatUnits, secondsFor } from "../../src/amounts.ts";

/** What a new order binds its two sides to. */
interface Terms {
  readonly nodeId: bigint;
  readonly units: bigint | number;
  /** In the escrow's scaled base units a second, of all units together. */
  readonly ratePerSecond: bigint;
  /** Token base units that the provider loses part of where the node fails. */
  readonly stakeLock: bigint;
}

/**
 * A new order's terms in words, told before it is confirmed.
 *
 * @param more The deposit, which says how long the order lasts, or until when a request may be accepted.
 */
export function wordsOf(
  { nodeId, units, ratePerSecond, stakeLock }: Terms,
  { decimals, symbol }: PlatformContext["token"],
  { deposit, acceptBy }: { readonly deposit?: bigint; readonly acceptBy?: bigint },
): string {
  const price = `${formatRate(ratePerSecond, decimals)} ${symbol}`;
  return [
    `${formatUnits(units)} of node ${nodeId.toString()} for ${price} in all`,
    ...(deposit === undefined || ratePerSecond === 0n
      ? []
      : [`which lasts ${formatDuration(secondsFor(deposit, ratePerSecond))} if all is proven`]),
    `backed by a stake of ${formatAmount(stakeLock, decimals)} ${symbol}`,
    ...(acceptBy === undefined ? [] : [`to be accepted until ${formatTime(acceptBy)}`]),
  ].join(", ");
}
