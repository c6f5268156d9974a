import { formatAmount, formatRate, parseAmount } from "../../amounts.ts";
import type { Alarm } from "../../service/alarms.ts";
import type { ProviderConfig } from "../config/schema.ts";
import type { OrderView } from "../orders/book.ts";
import type { NodeView, ProviderView } from "../view.ts";

/** Percent by which a node's listed price may differ from what its orders pay. */
const PRICE_TOLERANCE = 20n;
const WEI = 18;

/** What runs out of what the account has. */
export function accountAlarms(
  { account, decimals }: Pick<ProviderView, "account" | "decimals">,
  { stake, alarmBelowCoins }: Pick<ProviderConfig, "stake" | "alarmBelowCoins">,
): Alarm[] {
  const found: Alarm[] = [];
  const { coins, freeStake } = account;
  if (coins < parseAmount(alarmBelowCoins, WEI)) {
    found.push({
      code: "low-coins",
      severity: "critical",
      about: "",
      problem: `The account has ${formatAmount(coins, WEI)} coins, less than ${alarmBelowCoins}: soon no proof can be paid for`,
      remedy: "Send coins to the account.",
    });
  }
  if (freeStake < parseAmount(stake.alarmBelow, decimals)) {
    found.push({
      code: "low-stake",
      severity: "warning",
      about: "",
      problem: `${formatAmount(freeStake, decimals)} tokens of stake are free, less than ${stake.alarmBelow}`,
      remedy: "Run `stake deposit`, or configure `stake.topUp` and send tokens to the account.",
    });
  }
  return found;
}

/** Whether a node's listed price is far from what its orders pay. */
export function priceAlarms({ id, ratePerUnit }: NodeView, orders: readonly OrderView[], decimals: number): Alarm[] {
  const active = orders.filter(({ nodeId, status }) => nodeId === id && status === "Active");
  const units = active.reduce((sum, order) => sum + order.units, 0n);
  if (units === 0n) return [];
  const paid = active.reduce((sum, order) => sum + order.ratePerSecond, 0n) / units;
  const difference = paid > ratePerUnit ? paid - ratePerUnit : ratePerUnit - paid;
  if (difference * 100n <= ratePerUnit * PRICE_TOLERANCE) return [];
  const hourly = (rate: bigint): string => `${formatRate(rate, decimals)} tokens`;
  return [
    {
      code: "price-out-of-line",
      severity: "warning",
      about: `node ${id.toString()}`,
      problem: `A unit is listed for ${hourly(ratePerUnit)}, and its orders pay ${hourly(paid)} on average`,
      remedy: `List what sells: \`node set ${id.toString()} --price PRICE\`, and see \`offers.unitPrice\` of its gateway.`,
    },
  ];
}
