import { formatAmount, formatTime, formatUnits, parseAmount } from "../../amounts.ts";
import type { AcceptPolicy } from "../config/schema.ts";
import type { NodeView, ProviderView } from "../view.ts";
import type { OrderView } from "./book.ts";
import { gasCost } from "./settle.ts";

/** Seconds before a request lapses at which it is no longer accepted: it would not come into a block in time. */
const LAST = 60n;
const RATE_UNIT = 10n ** 12n;
/** What an order costs its provider at the least, in gas: accepting it, and settling and closing it once; docs/gas.md has the measurements. */
const LIFE_GAS = 250_000n;

/** What is still free while several requests are looked at. */
export interface FreeOfNode {
  readonly units: bigint;
  /** Stake that the node's next orders can lock. */
  readonly stake: bigint;
}

/** What a unit pays a second at least, with 12 extra decimals. */
export function leastUnitRate(
  { minUnitPrice }: AcceptPolicy,
  node: Pick<NodeView, "ratePerUnit">,
  decimals: number,
): bigint {
  if (minUnitPrice === undefined) return node.ratePerUnit;
  return (parseAmount(minUnitPrice, decimals) * RATE_UNIT + 3_599n) / 3_600n;
}

const isIn = (list: readonly string[], user: string): boolean =>
  list.some((each) => each.toLowerCase() === user.toLowerCase());

/** Why a request's price, size or deposit is not taken; undefined where they are. */
function whyTermsRefused(
  order: OrderView,
  node: NodeView,
  policy: AcceptPolicy,
  { decimals, epochLength, lifeCost }: Pick<ProviderView, "decimals" | "epochLength"> & { readonly lifeCost: bigint },
): string | undefined {
  const { units, ratePerSecond, deposited, stakeLock, feeBps } = order;
  const show = (amount: bigint): string => `${formatAmount(amount, decimals)} tokens`;
  const hourly = (rate: bigint): string => `${show((rate * 3_600n) / RATE_UNIT)} an hour`;
  const least = leastUnitRate(policy, node, decimals) * units;
  if (ratePerSecond < least) return `it pays ${hourly(ratePerSecond)}, and ${hourly(least)} is the least`;
  const most = policy.maxUnits === undefined ? node.units : BigInt(policy.maxUnits);
  if (units > most) return `it takes ${formatUnits(units)}, and ${most.toString()} is the most`;
  const twoEpochs = (ratePerSecond * 2n * epochLength) / RATE_UNIT;
  const wished = parseAmount(policy.minDeposit, decimals);
  const deposit = wished > twoEpochs ? wished : twoEpochs;
  if (deposited < lifeCost) return `its deposit is ${show(deposited)}, and the order's gas costs ${show(lifeCost)}`;
  if (deposited < deposit) return `its deposit is ${show(deposited)}, and ${show(deposit)} is the least`;
  const lock = parseAmount(policy.maxStakeLockPerUnit, decimals) * units;
  if (stakeLock > lock) return `it locks ${show(stakeLock)} of stake, and ${show(lock)} is the most`;
  if (feeBps > BigInt(policy.maxFeeBps)) {
    return `the protocol takes ${feeBps.toString()} hundredths of a percent, and ${String(policy.maxFeeBps)} is the most`;
  }
  return undefined;
}

/** Why a node cannot take a request now; undefined where it can. */
function whyNodeCannot(order: OrderView, node: NodeView, free: FreeOfNode): string | undefined {
  const { units, stakeLock, onChainOnly } = order;
  if (!node.isOpen) return "the node takes no new orders";
  if (onChainOnly && node.verifiedBy !== "OnChain") return "its user wants a quote that the chain verified";
  if (units > free.units) return `it takes ${formatUnits(units)}, and ${free.units.toString()} are free`;
  if (stakeLock > free.stake)
    return `it locks ${stakeLock.toString()} base units of stake, and ${free.stake.toString()} are free`;
  return undefined;
}

/** Why a request for an order is not accepted; undefined where it is. */
export function whyNotAccepted(
  order: OrderView,
  node: NodeView,
  policy: AcceptPolicy,
  view: Pick<ProviderView, "decimals" | "epochLength" | "now" | "ordersPaused"> & { readonly lifeCost: bigint },
  free: FreeOfNode,
): string | undefined {
  const { user, termsUntil } = order;
  if (view.ordersPaused) return "new orders are paused";
  if (termsUntil <= view.now + LAST) return `it lapses at ${formatTime(termsUntil)}`;
  if (isIn(policy.deny, user)) return `its user ${user} is denied`;
  if (policy.allow !== undefined && !isIn(policy.allow, user)) return `its user ${user} is not among those allowed`;
  return whyTermsRefused(order, node, policy, view) ?? whyNodeCannot(order, node, free);
}

/** A request that is accepted, or why not. */
export interface Judged {
  readonly order: OrderView;
  readonly node: NodeView;
  readonly refusal: string | undefined;
}

const least = (...amounts: readonly bigint[]): bigint => amounts.reduce((one, other) => (one < other ? one : other));

/**
 * Judges all requests, oldest first, as if those accepted before had their units and stake already.
 *
 * @param coinPrice Tokens that a coin is worth; without it nobody can say whether a deposit pays for an order's gas.
 */
export function judgeRequests(
  orders: readonly OrderView[],
  view: ProviderView,
  policy: AcceptPolicy,
  coinPrice?: string,
): Judged[] {
  const lifeCost = coinPrice === undefined ? 0n : gasCost(view, coinPrice, LIFE_GAS);
  const { freeStake, ordersCap, ordersLocked } = view.account;
  let stake = least(freeStake, ordersCap - ordersLocked);
  const taken = new Map<bigint, bigint>();
  return orders
    .filter(({ status }) => status === "Requested")
    .flatMap((order) => {
      const node = view.nodes.find(({ id }) => id === order.nodeId);
      if (node === undefined) return [];
      const used = taken.get(node.id) ?? 0n;
      const free = { units: node.units - node.unitsInUse - used, stake: stake + (used === 0n ? node.idleLock : 0n) };
      const refusal = whyNotAccepted(order, node, policy, { ...view, lifeCost }, free);
      if (refusal === undefined) {
        taken.set(node.id, used + order.units);
        stake = least(stake, free.stake - order.stakeLock);
      }
      return [{ order, node, refusal }];
    });
}
