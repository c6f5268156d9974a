import { costOf, formatDuration, formatTime, secondsFor } from "../amounts.ts";
import { enumName } from "../enums.ts";
import type { Protocol } from "../protocol.ts";
import { orderTermsHash } from "../terms.ts";

const FOREVER = 2n ** 60n;

/** An order as people want to see it. */
export async function viewOrder({ protocol }: { readonly protocol: Protocol }, orderId: bigint) {
  const { orderEscrow, nodeRegistry } = protocol;
  const [order, [status, reason], stopTime, runway, accrued, undecided, surplus] = await Promise.all([
    orderEscrow.getOrder(orderId),
    orderEscrow.statusOf(orderId),
    orderEscrow.stopTimeOf(orderId),
    orderEscrow.runwayOf(orderId),
    orderEscrow.accruedOf(orderId),
    orderEscrow.undecidedOf(orderId),
    orderEscrow.surplusOf(orderId),
  ]);
  const { terms, progress } = order;
  const { provider } = await nodeRegistry.getNode(terms.nodeId);
  return {
    orderId,
    nodeId: terms.nodeId,
    user: order.user,
    provider,
    status: enumName("OrderStatus", status),
    reason: enumName("StopReason", reason),
    units: terms.units,
    ratePerSecond: terms.ratePerSecond,
    feeBps: terms.feeBps,
    deposited: progress.deposited,
    paid: costOf(terms.ratePerSecond, progress.payableSeconds),
    payableSeconds: progress.payableSeconds,
    accrued,
    undecided,
    surplus,
    missRun: progress.missRun,
    faults: progress.faults,
    stakeLock: order.stakeLock,
    onChainOnly: terms.onChainOnly,
    termsUntil: terms.termsUntil,
    termsHash: orderTermsHash(order),
    runway,
    ...(stopTime > FOREVER ? {} : { stopTime }),
  };
}

/** An order as {@link viewOrder} gives it. */
export type OrderView = Awaited<ReturnType<typeof viewOrder>>;

/** Whether an order streams on only until a time that is set already: its provider closed it, or its node ends. */
export function isEnding({ status, stopTime }: OrderView): boolean {
  return status === "Active" && stopTime !== undefined;
}

/** How long a streaming order's deposit lasts, with a warning when it is short; of one that ends anyway, when. */
export function describeRunway({ status, stopTime, runway, deposited, ratePerSecond }: OrderView): string {
  if (status !== "Active") return "not streaming";
  if (stopTime !== undefined) return `ends ${formatTime(stopTime)}`;
  const whole = ratePerSecond === 0n ? 0n : secondsFor(deposited, ratePerSecond);
  const short = runway * 5n < whole ? "; top it up soon" : "";
  return `${formatDuration(runway)}${short}`;
}
