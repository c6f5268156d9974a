import { signerOf, type PlatformContext } from "../support/context.ts";
import { parseId, readBytes } from "../support/inputs.ts";
import { gatewayOf, type NodeGateway } from "../support/nodeGateway.ts";
import { OrderClient } from "../../src/gateway/client/orderClient.ts";
import { orderTermsHash } from "../../src/terms.ts";

/** The options by which a gateway is asked for an order. */
export interface GatewayArguments {
  readonly gateway: string | undefined;
  readonly delegation: string | undefined;
}

/** An order and its node's gateway. */
export interface Session extends NodeGateway {
  readonly client: OrderClient;
  readonly order: number;
  readonly node: bigint;
  readonly chainId: number;
  /** OrderEscrow's address. */
  readonly orderEscrow: string;
  readonly terms: string;
  readonly user: string;
  /** The provider of the node, as the chain has it. */
  readonly provider: string;
}

/**
 * Finds an order's gateway, and lets an account ask it. Whom tokens are for is read from the chain, never from the gateway.
 *
 * @throws {InputError} For what is no order's id, or no URL that a gateway is asked at.
 */
export async function openSession(args: GatewayArguments, order: string, context: PlatformContext): Promise<Session> {
  const { protocol, book, chainId } = context;
  const orderId = parseId(order, "order");
  const view = await protocol.orderEscrow.getOrder(orderId);
  const node = view.terms.nodeId;
  const { origin, fetch } = await gatewayOf({ gateway: args.gateway }, context, node);
  const provider = await protocol.nodeRegistry.providerOf(node);
  const signer = await signerOf(context);
  const terms = orderTermsHash(view);
  const place = { chainId: Number(chainId), orderEscrow: book.contracts.orderEscrow };
  const client = new OrderClient({
    audience: { ...place, node: Number(node), gateway: origin },
    ...{ order: Number(orderId), terms, account: signer.address, wallet: signer, fetch },
    delegation: args.delegation === undefined ? undefined : readBytes(args.delegation).toString("utf8").trim(),
  });
  return { client, order: Number(orderId), node, origin, fetch, terms, user: view.user, provider, ...place };
}
