import type { PlatformContext } from "../support/context.ts";
import { parseBytes32 } from "../support/inputs.ts";
import { formatAmount, formatRate, formatTime, formatUnits } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";
import { orderTermsHash } from "../../src/terms.ts";

/**
 * Reads an order at one block, for a transaction that is to bind what was read: its hash is made from the terms that are told, not asked
 * of the chain.
 *
 * @param named The hash that `order show` gave, if the caller named it.
 * @throws {InputError} When the order has other terms than were named.
 */
export async function seeOrder({ protocol, provider, token }: PlatformContext, orderId: bigint, named?: string) {
  const block = await provider.getBlockNumber();
  const order = await protocol.orderEscrow.getOrder(orderId, { blockTag: block });
  const { enclaveKey } = await protocol.nodeRegistry.identityOf(order.terms.nodeId, { blockTag: block });
  const termsHash = orderTermsHash(order);
  if (named !== undefined && parseBytes32(named, "hash of terms") !== termsHash) {
    const problem = `Order ${orderId.toString()} has other terms at block ${String(block)} than you named`;
    throw new InputError(problem, `Look at it again: \`order show ${orderId.toString()}\`.`);
  }
  const { terms, user, stakeLock, progress } = order;
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const words = [
    `order ${orderId.toString()} of ${user}`,
    `${formatUnits(terms.units)} of node ${terms.nodeId.toString()} with the enclave key ${enclaveKey}`,
    `${formatRate(terms.ratePerSecond, token.decimals)} ${token.symbol}`,
    `${show(stakeLock)} locked behind it`,
    `${show(progress.deposited)} deposited`,
    `terms until ${formatTime(terms.termsUntil)}`,
    `at block ${String(block)}`,
  ].join(", ");
  return { order, termsHash, enclaveKey, block, words };
}
