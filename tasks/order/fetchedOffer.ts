import type { PlatformContext } from "../support/context.ts";
import { needed, parseId, parseNumber } from "../support/inputs.ts";
import { gatewayOf } from "../support/nodeGateway.ts";
import { formatRate, formatUnits, parseRate } from "../../src/amounts.ts";
import type { OfferDocument } from "../../src/documents/orders.ts";
import { fetchOffers } from "../../src/gateway/client/offers.ts";
import { InputError } from "../../src/inputError.ts";

/** The options by which an offer is fetched from a node's gateway. */
export interface FetchedOfferArguments {
  readonly node: string | undefined;
  readonly units: string;
  readonly maxPrice: string | undefined;
}

/**
 * Asks a node's gateway for an offer, and refuses one that costs more than the node lists on the chain, or than was said.
 *
 * @throws {InputError} With the price that is asked; for a URL that no gateway is asked at.
 * @throws {GatewayError} When the gateway cannot be reached or has no such offer.
 */
export async function fetchedOffer(args: FetchedOfferArguments, context: PlatformContext): Promise<OfferDocument> {
  const { protocol, book, chainId, token } = context;
  const nodeId = parseId(needed(args.node, "offer, or --node"), "node");
  const units = parseNumber(args.units, "number of units", 65_535n, 1n);
  const { provider, ratePerUnit } = await protocol.nodeRegistry.getNode(nodeId);
  const { origin, fetch } = await gatewayOf({}, context, nodeId);
  const by = { chainId, escrow: book.contracts.orderEscrow, nodeId, provider };
  const [document] = await fetchOffers(origin, by, { units: Number(units), fetch });
  if (document === undefined) {
    throw new InputError(
      `Node ${nodeId.toString()} offers no order of ${formatUnits(units)}`,
      "Take another: `market list`.",
    );
  }
  const most = args.maxPrice === undefined ? ratePerUnit : parseRate(args.maxPrice, token.decimals);
  if (document.offer.ratePerSecond <= most * units) return document;
  const asked = formatRate((document.offer.ratePerSecond + units - 1n) / units, token.decimals);
  throw new InputError(
    `Node ${nodeId.toString()} asks ${asked} ${token.symbol} a unit, more than ${formatRate(most, token.decimals)}`,
    "Give --max-price if you accept that, or take another node: `market list`.",
  );
}
