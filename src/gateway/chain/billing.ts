import { unlessUnknown } from "./views.ts";
import { enumName, type EnumValue } from "../../enums.ts";
import type { Protocol } from "../../protocol.ts";
import type { Block } from "../../chain/block.ts";

/** What an order has cost and will cost, as the chain has it at one block. Amounts are base units of the escrow's token. */
export interface Billing {
  readonly order: number;
  readonly status: EnumValue<"OrderStatus">;
  readonly reason: EnumValue<"StopReason">;
  /** Base units per second, with 12 extra decimals. */
  readonly ratePerSecond: bigint;
  /** Basis points of what is paid that are the protocol's. */
  readonly feeBps: number;
  readonly deposited: bigint;
  /** Paid to the ledger so far, fee included, and the seconds that it was for. */
  readonly paid: bigint;
  readonly paidSeconds: number;
  /** Decided and not settled yet. */
  readonly accrued: bigint;
  /**
   * Seconds that proofs cover, settled or not: what was paid and accrued is for them, and nothing else. Where a second costs less than a base
   * unit, the fewest that cost as much.
   */
  readonly provenSeconds: number;
  /** What the running epoch costs if it is proven. */
  readonly undecided: bigint;
  /** What closing now gives back at once. */
  readonly surplus: bigint;
  /** Seconds until the deposit is used up if every epoch is proven. */
  readonly runway: number;
  /** Unix seconds at which it is; undefined for an order that has not begun. */
  readonly depletionTime: number | undefined;
  readonly block: Block;
}

const RATE_UNIT = 10n ** 12n;
/** Times from here on stand for "never". */
const NEVER = 2n ** 48n;

/** What seconds cost at a rate, as the contract rounds it. */
const costOf = (rate: bigint, seconds: bigint): bigint => (rate * seconds) / RATE_UNIT;

/** The fewest seconds that cost an amount. */
function secondsFor(amount: bigint, rate: bigint): bigint {
  return rate === 0n ? 0n : (amount * RATE_UNIT + rate - 1n) / rate;
}

/**
 * Reads what an order costs, all of it at one block.
 *
 * @param protocol Connected by `batchedReads`, so that it is one request.
 * @returns Undefined for an order that does not exist.
 */
export async function readBilling(
  { orderEscrow }: Pick<Protocol, "orderEscrow">,
  order: number,
  block: Block,
): Promise<Billing | undefined> {
  const at = { blockTag: block.number };
  const views = await unlessUnknown(orderEscrow, "OrderEscrowUnknownOrder", async () =>
    Promise.all([
      orderEscrow.getOrder(order, at),
      orderEscrow.statusOf(order, at),
      orderEscrow.accruedOf(order, at),
      orderEscrow.undecidedOf(order, at),
      orderEscrow.surplusOf(order, at),
      orderEscrow.runwayOf(order, at),
      orderEscrow.depletionTimeOf(order, at),
    ]),
  );
  if (views === undefined) return undefined;
  const [{ terms, progress }, [status, reason], accrued, undecided, surplus, runway, depletion] = views;
  const rate = terms.ratePerSecond;
  const paidSeconds = progress.payableSeconds;
  const paid = costOf(rate, paidSeconds);
  return {
    order,
    status: enumName("OrderStatus", status) as Billing["status"],
    reason: enumName("StopReason", reason) as Billing["reason"],
    ratePerSecond: rate,
    feeBps: Number(terms.feeBps),
    deposited: progress.deposited,
    paid,
    paidSeconds: Number(paidSeconds),
    accrued,
    // Nothing accrued means no second more, however little one costs.
    provenSeconds: Number(accrued === 0n ? paidSeconds : secondsFor(paid + accrued, rate)),
    undecided,
    surplus,
    runway: Number(runway),
    depletionTime: depletion >= NEVER ? undefined : Number(depletion),
    block,
  };
}
