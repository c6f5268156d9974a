import { formatAmount, parseAmount } from "../../amounts.ts";
import type { ProviderConfig } from "../config/schema.ts";
import type { ProviderView } from "../view.ts";

type StakeConfig = ProviderConfig["stake"];

/** An amount to put in as stake, in base units, and why. */
export interface TopUp {
  readonly amount: bigint;
  readonly reason: string;
}

const least = (...amounts: readonly bigint[]): bigint => amounts.reduce((one, other) => (one < other ? one : other));

/**
 * How much is put in as stake: what lacks to the wished level once free stake is below the least one, as far as the account has tokens and the
 * limit allows.
 *
 * @param spent What was put in before, of which the limit speaks too.
 */
export function decideTopUp(
  { account, decimals }: Pick<ProviderView, "account" | "decimals">,
  { topUp }: Pick<StakeConfig, "topUp">,
  spent: bigint,
): TopUp | undefined {
  if (topUp === undefined) return undefined;
  const [below, to, max] = [topUp.below, topUp.to, topUp.max].map((text) => parseAmount(text, decimals)) as [
    bigint,
    bigint,
    bigint,
  ];
  const { freeStake, tokens } = account;
  if (freeStake >= below) return undefined;
  const amount = least(to - freeStake, tokens, max - spent);
  if (amount <= 0n) return undefined;
  const show = (value: bigint): string => formatAmount(value, decimals);
  const reason = `${show(freeStake)} tokens of stake are free, less than ${show(below)}; ${show(spent)} of at most ${show(max)} were put in before`;
  return { amount, reason };
}

/** The cap that orders' locks are raised to; undefined where it need not be raised. It is never lowered. */
export function decideCap(
  { account, decimals }: Pick<ProviderView, "account" | "decimals">,
  { ordersCap }: Pick<StakeConfig, "ordersCap">,
): bigint | undefined {
  if (ordersCap === undefined) return undefined;
  const wished = parseAmount(ordersCap, decimals);
  return account.ordersCap < wished ? wished : undefined;
}
