import type { FeeData, Transaction } from "ethers";

/** Fees of one kind or the other, in wei for a unit of gas. */
export type Fees =
  | { readonly type: 2; readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }
  | { readonly type: 0; readonly gasPrice: bigint };

/** The most that is ever paid, in wei for a unit of gas: in all, and of it to the block's builder. */
export interface FeeCaps {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/**
 * How much of the caps a transaction may take: what is ordinary stays two steps below them and what is urgent one, so that the urgent can
 * always take an ordinary one's nonce, and a nonce can always be freed.
 */
export type Rank = "ordinary" | "urgent" | "freeing";

const STEPS_BELOW: Readonly<Record<Rank, number>> = { ordinary: 2, urgent: 1, freeing: 0 };

/** The most of some amounts, and 0 where there are none. */
export const most = (...values: readonly bigint[]): bigint => values.reduce((a, b) => (a > b ? a : b), 0n);
/** The least of some amounts. */
export const least = (first: bigint, ...values: readonly bigint[]): bigint =>
  values.reduce((a, b) => (a < b ? a : b), first);

/** The caps of a rank. */
export function capsOf({ maxFeePerGas, maxPriorityFeePerGas }: FeeCaps, rank: Rank): FeeCaps {
  const lowered = (cap: bigint): bigint => {
    for (let step = 0; step < STEPS_BELOW[rank]; step += 1) cap = (cap * 8n) / 9n;
    return cap;
  };
  return { maxFeePerGas: lowered(maxFeePerGas), maxPriorityFeePerGas: lowered(maxPriorityFeePerGas) };
}

/** What an endpoint says of fees, as ethers puts it: the most that is paid is twice the base fee and the tip. */
function baseOf({ maxFeePerGas, maxPriorityFeePerGas }: FeeData): bigint {
  return ((maxFeePerGas ?? 0n) - (maxPriorityFeePerGas ?? 0n)) / 2n;
}

/** The most of some amounts that nobody alone can have made up: of three or more the second. Of two it is not known who is wrong. */
export function mostOf(values: readonly bigint[]): bigint {
  const sorted = [...values].sort((a, b) => (a < b ? 1 : -1));
  return (values.length > 2 ? sorted[1] : sorted[0]) ?? 0n;
}

/**
 * What the network asks for by what its endpoints say. At first none alone wastes the account's money: of what two say that reaches the block's
 * builder, at most twice the lower one, or the lower base fee where that is more.
 *
 * Where as many know no base fee as know one, the kind of fees is taken that every chain takes.
 *
 * @param said At least one.
 * @param isAgain Whether what was first asked for was not enough, so that the higher one may be right.
 * @throws {TypeError} Where none of them says what gas costs.
 */
export function feesOf(said: readonly FeeData[], isAgain = false): Fees {
  const dynamic = said.flatMap((each) => {
    const { maxFeePerGas: fee, maxPriorityFeePerGas: tip } = each;
    return fee === null || tip === null ? [] : [{ tip, base: baseOf(each) }];
  });
  const [first, ...others] = said.flatMap(({ gasPrice }) => (gasPrice === null ? [] : [gasPrice]));
  const bounded = (values: readonly bigint[], bound: bigint): bigint =>
    isAgain || values.length !== 2 ? mostOf(values) : least(mostOf(values), bound);
  if (2 * dynamic.length <= said.length && first !== undefined) {
    const prices = [first, ...others];
    return { type: 0, gasPrice: bounded(prices, 2n * least(first, ...others)) };
  }
  const [one, ...more] = dynamic;
  if (one === undefined) throw new TypeError("No endpoint says what gas costs");
  const tips = dynamic.map(({ tip }) => tip);
  const bases = dynamic.map(({ base }) => base);
  const bound = most(2n * least(one.tip, ...tips), least(one.base, ...more.map(({ base }) => base)));
  const tip = bounded(tips, bound);
  return { type: 2, maxFeePerGas: 2n * mostOf(bases) + tip, maxPriorityFeePerGas: tip };
}

/** Fees that are nowhere above the caps. */
export function capped(fees: Fees, caps: FeeCaps): Fees {
  if (fees.type === 0) return { type: 0, gasPrice: least(fees.gasPrice, caps.maxFeePerGas) };
  const maxFeePerGas = least(fees.maxFeePerGas, caps.maxFeePerGas);
  const maxPriorityFeePerGas = least(fees.maxPriorityFeePerGas, caps.maxPriorityFeePerGas, maxFeePerGas);
  return { type: 2, maxFeePerGas, maxPriorityFeePerGas };
}

/** The least that networks take in place of a fee: an eighth more, where they ask for a tenth. */
const step = (fee: bigint): bigint => most((fee * 9n + 7n) / 8n, fee + 1n);

/** A fee after so many steps, or as many of them as stay within a cap; the first is taken in any case. */
function stepped(fee: bigint, steps: number, cap: bigint): bigint {
  let found = step(fee);
  for (let i = 1; i < steps && step(found) <= cap; i += 1) found = step(found);
  return found;
}

/** What a unit of gas costs now, where the fees that are asked for leave room for twice the base fee. */
const priceIn = (fees: Fees): bigint =>
  fees.type === 0 ? fees.gasPrice : (fees.maxFeePerGas + fees.maxPriorityFeePerGas) / 2n;

/** The fees that a transaction has. */
type PaidFees = Pick<Transaction, "gasPrice" | "maxFeePerGas" | "maxPriorityFeePerGas">;

/** How many steps a transaction is below what it may pay in all. */
export function stepsBelow({ maxFeePerGas, gasPrice }: PaidFees, { maxFeePerGas: cap }: FeeCaps): number {
  let steps = 0;
  for (let fee = step(maxFeePerGas ?? gasPrice ?? 0n); fee <= cap; fee = step(fee)) steps += 1;
  return steps;
}

/**
 * What takes the place of a transaction that was not mined: so many steps of an eighth more of both fees, as far as the caps allow, or what is
 * asked for now where that is more.
 *
 * @param steps At least 1.
 * @returns Undefined where one step is above the caps.
 */
export function raised(before: PaidFees, now: Fees, caps: FeeCaps, steps = 1): Fees | undefined {
  if (before.maxFeePerGas === null) {
    const lowest = stepped(before.gasPrice ?? 0n, steps, caps.maxFeePerGas);
    if (lowest > caps.maxFeePerGas) return undefined;
    return capped({ type: 0, gasPrice: most(lowest, priceIn(now)) }, caps);
  }
  const fee = stepped(before.maxFeePerGas, steps, caps.maxFeePerGas);
  const tip = stepped(before.maxPriorityFeePerGas ?? 0n, steps, caps.maxPriorityFeePerGas);
  if (fee > caps.maxFeePerGas || tip > caps.maxPriorityFeePerGas) return undefined;
  const asked = now.type === 2 ? now : { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };
  const maxFeePerGas = most(fee, asked.maxFeePerGas);
  return capped({ type: 2, maxFeePerGas, maxPriorityFeePerGas: most(tip, asked.maxPriorityFeePerGas) }, caps);
}
