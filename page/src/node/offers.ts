import type { NodeView } from "../../../src/facts/node.ts";
import { fetchOffers } from "../../../src/gateway/client/index.ts";
import type { OfferDocument } from "../../../src/documents/orders.ts";
import { InputError } from "../../../src/inputError.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { askableOrigin } from "./gatewayUrl.ts";

/**
 * The origin of a node's gateway.
 *
 * @throws {InputError} For a URL that a browser is not to ask: only HTTPS, and this machine's own on a local chain.
 */
export function gatewayOf(
  { chainId }: Pick<ChainContext, "chainId">,
  { nodeId, url }: Pick<NodeView, "nodeId" | "url">,
): string {
  const origin = askableOrigin(url, chainId);
  if (origin !== undefined) return origin;
  throw new InputError(`Node ${nodeId.toString()} names no gateway that a browser may ask`, "Take another node.");
}

/**
 * Fetches what a node's gateway offers. They are its word: whether they are the provider's says the chain when one is taken.
 *
 * @throws {GatewayError} When the gateway does not answer.
 */
export async function readOffers(chain: ChainContext, node: NodeView): Promise<readonly OfferDocument[]> {
  const { nodeId, provider } = node;
  const by = { chainId: chain.chainId, escrow: chain.config.book.contracts.orderEscrow, nodeId, provider };
  return fetchOffers(gatewayOf(chain, node), by);
}

/**
 * The offer that somebody chose by its hash; the first one where nothing was chosen.
 *
 * @returns Nothing where it is not there (any longer): another one is never taken for it.
 */
export function chosenOf(offers: readonly OfferDocument[], wanted: string | null): OfferDocument | undefined {
  return wanted === null ? offers[0] : offers.find(({ offerHash }) => offerHash === wanted);
}

/** Whether an offer costs more than the node's price on the chain, by which the market lists it: the chain takes any that is signed. */
export function isDearer(
  { offer: { ratePerSecond, units } }: OfferDocument,
  { ratePerUnit }: Pick<NodeView, "ratePerUnit">,
): boolean {
  return ratePerSecond > ratePerUnit * BigInt(units);
}
