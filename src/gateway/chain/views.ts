import type { NodeView } from "./node.ts";
import type { OrderView } from "./orders.ts";
import { enumName, type EnumValue } from "../../enums.ts";
import type { Protocol } from "../../protocol.ts";
import { revertDataOf } from "../../revertData.ts";
import { orderTermsHash } from "../../terms.ts";
import type { Block } from "../../chain/block.ts";

/** Times from here on stand for "never". */
const NEVER = 2n ** 48n;

/** What a read gives; undefined where the contract says that there is no such thing, which it says by one of its errors. */
export async function unlessUnknown<T>(
  contract: { readonly interface: { getError(name: never): { readonly selector: string } | null } },
  error: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (thrown) {
    const selector = contract.interface.getError(error as never)?.selector;
    if (selector !== undefined && revertDataOf(thrown)?.startsWith(selector) === true) return undefined;
    throw thrown;
  }
}

/** Reads an order as it was at a block; undefined where there was none. */
export async function readOrderAt(protocol: Protocol, order: number, block: Block): Promise<OrderView | undefined> {
  const { orderEscrow } = protocol;
  const at = { blockTag: block.number };
  return unlessUnknown(orderEscrow, "OrderEscrowUnknownOrder", async () => {
    const [stored, [status, reason], stopTime, runway] = await Promise.all([
      orderEscrow.getOrder(order, at),
      orderEscrow.statusOf(order, at),
      orderEscrow.stopTimeOf(order, at),
      orderEscrow.runwayOf(order, at),
    ]);
    const { terms, progress, user } = stored;
    const name = enumName("OrderStatus", status) as EnumValue<"OrderStatus">;
    return {
      id: order,
      node: Number(terms.nodeId),
      user,
      termsHash: orderTermsHash(stored),
      units: Number(terms.units),
      status: name,
      reason: enumName("StopReason", reason) as EnumValue<"StopReason">,
      isLive: name === "Active",
      ratePerSecond: terms.ratePerSecond,
      deposited: progress.deposited,
      stopAt: stopTime >= NEVER ? undefined : Number(stopTime),
      runway: Number(runway),
      block,
    };
  });
}

/** Reads a node as it was at a block; undefined where there was none. */
export async function readNodeAt(protocol: Protocol, node: number, block: Block): Promise<NodeView | undefined> {
  const { nodeRegistry } = protocol;
  const at = { blockTag: block.number };
  return unlessUnknown(nodeRegistry, "NodeRegistryUnknownNode", async () => {
    const [stored, url, isLive, terms] = await Promise.all([
      nodeRegistry.getNode(node, at),
      nodeRegistry.urlOf(node, at),
      nodeRegistry.isLive(node, at),
      nodeRegistry.orderTermsOf(node, at),
    ]);
    return {
      id: node,
      provider: stored.provider,
      enclaveKey: stored.enclaveKey,
      mrEnclave: stored.mrEnclave,
      model: Number(stored.modelId),
      units: Number(stored.units),
      ratePerUnit: stored.ratePerUnit,
      url,
      isLive,
      isOpen: terms.open,
      block,
    };
  });
}
