/** How an account stands that may have lost its seat. Amounts are base units of the token, times Unix seconds. */
export interface WaitingView {
  /** Whether it lost its seat to more stake, and waits for one. */
  readonly displaced: boolean;
  readonly pending: bigint;
  readonly activeFrom: number;
  readonly time: number;
  /** How many seats there are, and the stakes of those who have one. */
  readonly seats: number;
  readonly stakes: readonly bigint[];
}

/** Whether the chain gives an account that was displaced a seat now: a free one, or that of whoever has less than it. */
export function canReturn({ displaced, pending, activeFrom, time, seats, stakes }: WaitingView): boolean {
  if (!displaced || time < activeFrom) return false;
  return stakes.length < seats || stakes.some((stake) => stake < pending);
}
