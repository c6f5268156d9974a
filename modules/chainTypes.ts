/** Sane parameters for a chain, which depend on how often it makes blocks. Times are seconds but for the block time. */
export interface ChainType {
  readonly blockMilliseconds: number;
  readonly epochLength: number;
  readonly responseWindow: number;
  readonly effectiveWindow: number;
  readonly lotteryOdds: number;
  readonly openStretch: number;
}

/**
 * By block time. Everywhere a challenge comes in half an hour on average, and proving costs at most 3.4 % of the power. What is
 * left of the response window beside the effective one is for the way to and from the chain.
 */
export const chainTypes = {
  "12 s": {
    blockMilliseconds: 12_000,
    epochLength: 3600,
    responseWindow: 120,
    effectiveWindow: 108,
    lotteryOdds: 150,
    openStretch: 600,
  },
  "2 s": {
    blockMilliseconds: 2_000,
    epochLength: 3600,
    responseWindow: 90,
    effectiveWindow: 81,
    lotteryOdds: 900,
    openStretch: 600,
  },
  "0.25 s": {
    blockMilliseconds: 250,
    epochLength: 3600,
    responseWindow: 60,
    effectiveWindow: 54,
    lotteryOdds: 7_200,
    openStretch: 600,
  },
} as const satisfies Record<string, ChainType>;
