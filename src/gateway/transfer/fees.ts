import type { FeeData, Transaction } from "ethers";

/** Fees of one kind or the other, in wei for a unit of gas. */
export type Fees =
  | { readonly type: 2; readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }
  | { readonly type: 0; readonly gasPrice: bigint };

const most = (...values: readonly bigint[]): bigint => values.reduce((a, b) => (a > b ? a : b), 0n);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/**
 * What a transaction pays by what one endpoint says. What reaches the block's builder in any case is bounded by what the others say, so that
 * none alone wastes the account's money: at most twice their tip, or the base fee where that is more.
 *
 * @param others What the other endpoints say; nothing where there are none.
 * @throws {TypeError} For an endpoint that says nothing of it.
 */
export function feesOf(own: FeeData, others: readonly FeeData[]): Fees {
  const { maxFeePerGas, maxPriorityFeePerGas: tip, gasPrice } = own;
  if (maxFeePerGas !== null && tip !== null) {
    const bounds = others.map((each) => {
      const asked = each.maxPriorityFeePerGas ?? 0n;
      // ethers makes the most that is paid of twice the base fee and the tip.
      return most(2n * asked, ((each.maxFeePerGas ?? 0n) - asked) / 2n);
    });
    const paid = bounds.length === 0 ? tip : least(tip, most(...bounds));
    return { type: 2, maxFeePerGas: maxFeePerGas - tip + paid, maxPriorityFeePerGas: paid };
  }
  if (gasPrice === null) throw new TypeError("An endpoint does not say what gas costs");
  const bounds = others.map((each) => 2n * (each.gasPrice ?? 0n));
  return { type: 0, gasPrice: bounds.length === 0 ? gasPrice : least(gasPrice, most(...bounds)) };
}

/** What one that was not mined pays in its place: a quarter more, or what is asked for now where that is more. */
export function raised(
  before: Pick<Transaction, "gasPrice" | "maxFeePerGas" | "maxPriorityFeePerGas">,
  now: Fees,
): Partial<Pick<Transaction, "gasPrice" | "maxFeePerGas" | "maxPriorityFeePerGas">> {
  const more = (old: bigint | null, asked: bigint): bigint => most(((old ?? 0n) * 5n) / 4n + 1n, asked);
  if (before.maxFeePerGas === null) return { gasPrice: more(before.gasPrice, now.type === 0 ? now.gasPrice : 0n) };
  const asked = now.type === 2 ? now : { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };
  return {
    maxFeePerGas: more(before.maxFeePerGas, asked.maxFeePerGas),
    maxPriorityFeePerGas: more(before.maxPriorityFeePerGas, asked.maxPriorityFeePerGas),
  };
}
