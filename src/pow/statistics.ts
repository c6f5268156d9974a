/**
 * The statistics of a proof: hashes below a target are found as a Poisson process, so how many are found in a window is
 * Poisson distributed and the time of the k-th is gamma distributed with the whole number k as its shape. Whole shapes
 * need no general gamma function: every probability here is a finite sum of Poisson terms.
 */

/** Natural logarithm of n!. */
function logFactorial(n: number): number {
  let sum = 0;
  for (let i = 2; i <= n; i++) sum += Math.log(i);
  return sum;
}

function poissonTerm(n: number, mean: number): number {
  if (mean === 0) return n === 0 ? 1 : 0;
  return Math.exp(n * Math.log(mean) - mean - logFactorial(n));
}

/**
 * The chance that a Poisson variable is at most `n`.
 *
 * Summed downwards from the largest term, so that small chances keep their relative precision.
 */
export function poissonAtMost(n: number, mean: number): number {
  if (n < 0) return 0;
  if (n > mean) return 1 - poissonAtLeast(n + 1, mean);
  let term = poissonTerm(n, mean);
  let sum = 0;
  for (let i = n; i >= 0 && term > sum * Number.EPSILON; i--) {
    sum += term;
    term *= i / mean;
  }
  return sum;
}

/** The chance that a Poisson variable is at least `n`, precise also where it is tiny. */
export function poissonAtLeast(n: number, mean: number): number {
  if (n <= 0) return 1;
  if (n <= mean) return 1 - poissonAtMost(n - 1, mean);
  let term = poissonTerm(n, mean);
  let sum = 0;
  for (let i = n; term > sum * Number.EPSILON; i++) {
    sum += term;
    term *= mean / (i + 1);
  }
  return sum;
}

/** The chance that a gamma variable of whole shape and scale 1 is at most `x`: that `shape` events happen within `x`. */
export function gammaCumulative(shape: number, x: number): number {
  requireShape(shape);
  return x <= 0 ? 0 : poissonAtLeast(shape, x);
}

/**
 * The value that a gamma variable of whole shape and scale 1 stays below with the given chance.
 *
 * @throws {RangeError} When the chance is not strictly between 0 and 1, or the shape is not a positive whole number.
 */
export function gammaQuantile(shape: number, chance: number): number {
  requireShape(shape);
  if (!(chance > 0 && chance < 1)) throw new RangeError(`A chance must lie between 0 and 1, not ${chance}`);
  // The upper tail is compared in the upper half, where the lower one has no digits left.
  const below = (x: number): boolean =>
    chance < 0.5 ? gammaCumulative(shape, x) < chance : poissonAtMost(shape - 1, x) > 1 - chance;
  let low = 0;
  let high = shape;
  while (below(high)) high *= 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return middle;
    if (below(middle)) low = middle;
    else high = middle;
  }
}

/** The chi-square quantile for an even number of degrees of freedom: twice a gamma quantile. */
export function chiSquareQuantile(degreesOfFreedom: number, chance: number): number {
  return 2 * gammaQuantile(degreesOfFreedom / 2, chance);
}

/**
 * The mean number of hashes below the target, μ(k), that a prover of exactly the required rate must expect in the
 * window to find at least `count` of them with the given chance.
 */
export function requiredMean(count: number, passChance = 0.9999): number {
  return gammaQuantile(count, passChance);
}

/**
 * The chance that a prover passes.
 *
 * @param powerShare Its sustained rate as a share of the required rate: 1 is exactly what is required.
 * @param timeShare The time it really had as a share of the effective window.
 */
export function passChance(
  powerShare: number,
  { count, mean, timeShare = 1 }: { count: number; mean: number; timeShare?: number },
): number {
  return poissonAtLeast(count, mean * powerShare * timeShare);
}

/**
 * The chance that one machine answers for several nodes, each of which claims the same power.
 *
 * It works for one after the other and stops at `count` hashes each, which nobody can do better: every hash is good for one
 * node's prefix alone, so all of them together must be found in the time that there is.
 *
 * @param claims How many nodes.
 * @param power The machine's rate as a share of the rate that each node must show.
 */
export function sharedMachineChance(
  claims: number,
  { power, count, mean, timeShare = 1 }: { power: number; count: number; mean: number; timeShare?: number },
): number {
  return poissonAtLeast(claims * count, mean * power * timeShare);
}

/** The largest share of the required power that passes with at most the given chance. */
export function caughtShare(chance: number, { count, mean }: { count: number; mean: number }): number {
  return gammaQuantile(count, chance) / mean;
}

/** The relative standard deviation of the proven rate, 1 / √(count - 2), for a prover that searched the whole window. */
export function provenRateDeviation(count: number): number {
  if (count < 3) throw new RangeError(`The proven rate of ${count} hashes has no finite deviation`);
  return 1 / Math.sqrt(count - 2);
}

/**
 * The factors by which a proven rate must be multiplied to bracket the rate that was really sustained.
 *
 * The proven rate is (count - 1) / G times the real one, where G is gamma distributed with shape `count`. So the real
 * rate lies below `low`, and above `high`, each with chance (1 - confidence) / 2. This holds for a prover that searched
 * the whole effective window and gave its smallest hashes. One that stopped early did fewer hashes: what is bracketed
 * then is what it did do, spread over the whole window, give or take the choice of its moment to stop.
 */
export function provenRateFactors(count: number, confidence: number): { low: number; high: number } {
  const tail = (1 - confidence) / 2;
  return {
    low: gammaQuantile(count, tail) / (count - 1),
    high: gammaQuantile(count, 1 - tail) / (count - 1),
  };
}

function requireShape(shape: number): void {
  if (!Number.isInteger(shape) || shape < 1) {
    throw new RangeError(`A shape must be a positive whole number, not ${shape}`);
  }
}
