import { nowOf, type PlatformContext } from "../support/context.ts";
import { formatAmount, formatTime } from "../../src/amounts.ts";
import { closedNode, type Obstacle } from "../../src/facts/closedNode.ts";
import { InputError } from "../../src/inputError.ts";

/** What of an offer decides whether it can be taken. */
export interface OfferTerms {
  readonly provider: string;
  readonly nodeId: bigint;
  readonly units: number;
  readonly ratePerSecond: bigint;
  readonly stakeLock: bigint;
  readonly maxFeeBps: number;
  readonly expiry: bigint;
  readonly volume: number;
}

/** What may pass by itself before the offer expires, and how much there is for it now. */
export interface Prospects {
  /** How many orders could be opened with it side by side now. */
  readonly atOnce: bigint;
  readonly notes: readonly string[];
}

/** What the chain says of an offer's node and provider. */
async function factsOf(context: PlatformContext, { nodeId, provider }: OfferTerms) {
  const { nodeRegistry, orderEscrow, stakeVault } = context.protocol;
  const [node, terms, suspension, used, idle, free, allowance, feeBps, paused, now] = await Promise.all([
    nodeRegistry.getNode(nodeId),
    nodeRegistry.orderTermsOf(nodeId),
    nodeRegistry.suspensionOf(nodeId),
    orderEscrow.unitsInUse(nodeId),
    orderEscrow.idleLockOf(nodeId),
    stakeVault.freeStakeOf(provider),
    stakeVault.allowanceOf(provider, context.book.contracts.orderEscrow),
    orderEscrow.feeBps(),
    orderEscrow.paused(),
    nowOf(context),
  ]);
  const allowed = allowance.cap > allowance.locked ? allowance.cap - allowance.locked : 0n;
  return {
    node,
    open: terms.open,
    suspendedSince: suspension.since,
    unused: node.units - used,
    idle,
    free,
    allowed,
    feeBps,
    paused,
    now,
  };
}

type Facts = Awaited<ReturnType<typeof factsOf>>;

/** What the provider's stake lacks for one order. */
function missingStake(
  facts: Facts,
  { stakeLock }: OfferTerms,
  { decimals, symbol }: PlatformContext["token"],
): Obstacle | undefined {
  const show = (amount: bigint): string => `${formatAmount(amount, decimals)} ${symbol}`;
  const { idle, free, allowed } = facts;
  const missing = stakeLock > idle ? stakeLock - idle : 0n;
  if (missing > free) {
    return {
      problem: `An order locks ${show(stakeLock)}, and you have ${show(free)} of free stake${idle === 0n ? "" : ` beside ${show(idle)} that the node holds locked`}`,
      remedy: `Deposit more first: \`stake deposit ${formatAmount(missing - free, decimals)}\`; or sign with a lower --lock.`,
    };
  }
  if (missing > allowed) {
    return {
      problem: `An order locks ${show(stakeLock)}, and you allow orders to lock ${show(allowed)} more`,
      remedy: "Allow more first: `stake allow orders max`, or an amount instead of max.",
    };
  }
  return undefined;
}

/** What in the offer itself no order can be opened with. */
function badTerms({ feeBps }: Facts, { ratePerSecond, maxFeeBps }: OfferTerms): Obstacle | undefined {
  if (ratePerSecond === 0n) {
    return { problem: "An order's price must be above 0", remedy: "Give --price." };
  }
  if (feeBps > BigInt(maxFeeBps)) {
    return {
      problem: `The protocol fee is ${feeBps.toString()} basis points, and the offer accepts ${String(maxFeeBps)}`,
      remedy: `Leave out --max-fee, or give ${feeBps.toString()} at least.`,
    };
  }
  return undefined;
}

/** How many orders units and stake suffice for. */
function ordersAtOnce({ unused, idle, free, allowed }: Facts, offer: OfferTerms): bigint {
  const { units, stakeLock, volume } = offer;
  const lockable = idle + (free < allowed ? free : allowed);
  const limits = [BigInt(volume), unused / BigInt(units), ...(stakeLock === 0n ? [] : [lockable / stakeLock])];
  return limits.reduce((least, limit) => (limit < least ? limit : least));
}

/**
 * Refuses an offer that nobody could take as things are, where its provider can change that; what others may change before it expires is
 * noted.
 *
 * @throws {InputError} With the reason and the provider's remedy.
 */
export async function checkTakable(context: PlatformContext, offer: OfferTerms): Promise<Prospects> {
  const facts = await factsOf(context, offer);
  const obstacle =
    closedNode(offer.nodeId, facts) ?? badTerms(facts, offer) ?? missingStake(facts, offer, context.token);
  if (obstacle !== undefined)
    throw new InputError(`Nobody could take this offer: ${obstacle.problem}`, obstacle.remedy);
  const { unused, paused, node } = facts;
  const notes: string[] = [];
  if (paused) notes.push("new orders are paused now");
  if (BigInt(offer.units) > unused) notes.push(`${unused.toString()} of the node's units are free now`);
  if (node.validUntil < offer.expiry) {
    notes.push(`the node's attestation lapses before, on ${formatTime(node.validUntil)}, unless it is renewed`);
  }
  return { atOnce: ordersAtOnce(facts, offer), notes };
}
