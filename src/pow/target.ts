import { MAX_UINT256 } from "./bytes.ts";

/** How many hashes an answer shows, k. */
export const PROOF_COUNT = 128;

/** Bytes of one packed nonce, big-endian. */
export const NONCE_BYTES = 8;

/**
 * μ(128) in thousandths, rounded up: how many hashes below the target a prover of exactly the required rate must expect
 * in the effective window to find 128 of them with a chance of 99.99 %. Half the chi-square 0.9999-quantile with 256
 * degrees of freedom, 174.40927.
 */
export const MU_THOUSANDTHS = 174_410n;

/**
 * The largest value that the largest hash of an answer may have, exactly as the contract computes it.
 *
 * @param requiredRate Hashes a second to be shown.
 * @param effectiveWindow T, in seconds.
 * @returns floor(floor((2^256 - 1) / (requiredRate * T)) * MU_THOUSANDTHS / 1000), at most 2^256 - 1.
 * @throws {RangeError} When the rate or the window is not positive.
 */
export function targetOf(requiredRate: bigint, effectiveWindow: bigint): bigint {
  requirePositive("required rate", requiredRate);
  requirePositive("effective window", effectiveWindow);
  const target = ((MAX_UINT256 / (requiredRate * effectiveWindow)) * MU_THOUSANDTHS) / 1000n;
  return target > MAX_UINT256 ? MAX_UINT256 : target;
}

/**
 * The rate that an answer shows, exactly as the contract computes it.
 *
 * @param largestHash U, the answer's last hash.
 * @param effectiveWindow T, in seconds, whatever time the prover took.
 * @param count k, the number of hashes.
 * @returns floor((k - 1) * floor((2^256 - 1) / U) / T), in hashes a second.
 * @throws {RangeError} When the hash is not positive, or the window or count is not.
 */
export function provenRateOf(largestHash: bigint, effectiveWindow: bigint, count = PROOF_COUNT): bigint {
  requirePositive("largest hash", largestHash);
  requirePositive("effective window", effectiveWindow);
  requirePositive("count", BigInt(count));
  return (BigInt(count - 1) * (MAX_UINT256 / largestHash)) / effectiveWindow;
}

/**
 * The least rate that an answer shows which the contract takes: that of one whose largest hash is the target. It is some 73 % of the required
 * rate, since 128 hashes are enough where a prover of exactly the required rate expects 174.
 *
 * @param requiredRate Hashes a second, by which the target is set.
 * @param effectiveWindow T, in seconds.
 * @throws {RangeError} When the rate or the window is not positive.
 */
export function leastShownRate(requiredRate: bigint, effectiveWindow: bigint): bigint {
  return provenRateOf(targetOf(requiredRate, effectiveWindow), effectiveWindow);
}

function requirePositive(what: string, value: bigint): void {
  if (value <= 0n) throw new RangeError(`The ${what} must be positive, not ${value.toString()}`);
}
