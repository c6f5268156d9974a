import { formatAmount, parseAmount } from "../../amounts.ts";
import type { ProviderConfig } from "../config/schema.ts";
import type { ProviderView } from "../view.ts";
import type { OrderView } from "./book.ts";

/** What settling costs, roughly, in gas: the transaction, and each order in it; docs/gas.md has the measurements. */
const [BASE_GAS, ORDER_GAS] = [60_000n, 30_000n] as const;
/** Orders in one transaction. */
const MOST = 100;
const WEI = 18;

/** Orders to be settled together, and why. */
export interface Settlement {
  readonly orders: readonly OrderView[];
  readonly reason: string;
}

/** Whether an order has come to a state that nobody has recorded: what it holds is free once somebody has. */
const hasMoved = ({ recorded, status }: OrderView): boolean => recorded !== status;

/** What gas costs in tokens' base units. @param coinPrice Tokens a coin. */
export const gasCost = (
  { gasPrice, decimals }: Pick<ProviderView, "gasPrice" | "decimals">,
  coinPrice: string,
  gas: bigint,
): bigint => (gas * gasPrice * parseAmount(coinPrice, decimals)) / 10n ** BigInt(WEI);

/**
 * What settling an order costs in tokens' base units, in a transaction of many; undefined where nobody said what coins are worth.
 *
 * @param coinPrice Tokens a coin.
 */
export function costOfOrder(
  view: Pick<ProviderView, "gasPrice" | "decimals">,
  coinPrice: string | undefined,
  count: number,
): bigint | undefined {
  if (coinPrice === undefined) return undefined;
  const gas = ORDER_GAS + BASE_GAS / BigInt(Math.max(1, count));
  return gasCost(view, coinPrice, gas);
}

/**
 * Which orders are settled now: those that have come to an end which is not recorded, those with something decided for longer than
 * `settleEvery`, unless it is less than the gas, and those for which it is worth the gas `worth` times.
 */
export function decideSettlement(
  orders: readonly OrderView[],
  view: Pick<ProviderView, "now" | "gasPrice" | "decimals">,
  {
    settle,
    worth,
    coinPrice,
    settleEvery,
  }: Pick<ProviderConfig["orders"], "settle" | "worth" | "coinPrice" | "settleEvery">,
): Settlement | undefined {
  if (!settle) return undefined;
  const accruing = orders.filter(({ accrued }) => accrued > 0n);
  const cost = costOfOrder(view, coinPrice, accruing.length);
  const least = cost === undefined ? undefined : (cost * BigInt(Math.round(worth * 100))) / 100n;
  const moved = orders.filter(hasMoved);
  const old = accruing.filter(
    ({ settledTo, accrued }) => view.now - settledTo >= BigInt(settleEvery) && accrued >= (cost ?? 0n),
  );
  const worthy = least === undefined ? [] : accruing.filter(({ accrued }) => accrued >= least);
  const all = [...new Set([...moved, ...old, ...worthy])].slice(0, MOST);
  if (all.length === 0) return undefined;
  const sum = all.reduce((total, { accrued }) => total + accrued, 0n);
  const counts = `${String(moved.length)} have come to an end, ${String(old.length)} wait long enough, ${String(worthy.length)} are worth the gas`;
  return {
    orders: all,
    reason: `${formatAmount(sum, view.decimals)} tokens are decided; of ${String(orders.length)} orders ${counts}`,
  };
}

/** Whether a dry order is closed: its user has not topped it up for so many seconds. */
export const isToClose = (
  { recorded, status, stopAt }: OrderView,
  now: bigint,
  closeDryAfter: number | undefined,
): boolean =>
  closeDryAfter !== undefined &&
  recorded === "Stopped" &&
  status === "Stopped" &&
  stopAt !== 0n &&
  now - stopAt >= BigInt(closeDryAfter);
