import { z } from "zod";

const amount = z.string().regex(/^\d+(\.\d+)?$/, "not a decimal amount of tokens");
const percent = z.number().min(-99).max(1_000);

/**
 * How a provider prices what its gateway offers by itself. Surcharges and discounts are percent of the price and add up; the price of an
 * order is rounded up to the next base unit in 10^12 seconds.
 */
export const pricePolicy = z.strictObject({
  /** Tokens a unit and hour; the node's listed price when left out. */
  unitPrice: amount.optional(),
  /** Tokens of stake locked behind each unit. */
  stakeLockPerUnit: amount.default("0"),
  /** Least deposit of an order, in tokens; two epochs' cost where that is more. */
  minDeposit: amount.default("0"),
  /** The most units that one order may take; all of the node's when left out. */
  maxUnits: z.number().int().positive().optional(),
  /** Seconds that an offer can be taken, and a dry order restarted at its price. */
  validity: z
    .number()
    .int()
    .min(300)
    .max(30 * 86_400)
    .default(86_400),
  /** Where several apply, the one of the most units counts. */
  byUnits: z.array(z.strictObject({ from: z.number().int().positive(), percent })).default([]),
  /** By the share of the node's units in use, 0 to 1; where several apply, the one of the highest share counts. */
  byUse: z.array(z.strictObject({ from: z.number().min(0).max(1), percent })).default([]),
});

/** How a provider prices its offers. */
export type PricePolicy = z.infer<typeof pricePolicy>;

/** What the price of an order depends on. */
export interface PriceQuestion {
  /** Units of the order. */
  readonly units: number;
  /** Units of the node, and those in use. */
  readonly capacity: number;
  readonly used: number;
  /** Base units per second of one unit, with 12 extra decimals. */
  readonly unitRate: bigint;
}

const HUNDREDTHS = 10_000n;

/** The percent of the entry with the highest threshold that a value reaches. */
function stepOf(steps: readonly { readonly from: number; readonly percent: number }[], value: number): number {
  let reached: { readonly from: number; readonly percent: number } | undefined;
  for (const step of steps) {
    if (step.from <= value && step.from >= (reached?.from ?? 0)) reached = step;
  }
  return reached?.percent ?? 0;
}

/** What an order costs: base units per second with 12 extra decimals, rounded up. */
export function orderRate(policy: Pick<PricePolicy, "byUnits" | "byUse">, question: PriceQuestion): bigint {
  const { units, capacity, used, unitRate } = question;
  const change = stepOf(policy.byUnits, units) + stepOf(policy.byUse, capacity === 0 ? 0 : used / capacity);
  const factor = HUNDREDTHS + BigInt(Math.round(change * 100));
  const least = factor < 1n ? 1n : factor;
  return (unitRate * BigInt(units) * least + HUNDREDTHS - 1n) / HUNDREDTHS;
}
