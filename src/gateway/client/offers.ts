import { TypedDataEncoder } from "ethers";
import { z } from "zod";

import { askJson, type Ask } from "./request.ts";
import { offerDocument, type OfferDocument } from "../../documents/orders.ts";
import { offerTypes } from "../../eip712/index.ts";
import { domainOf } from "../../eip712/domain.ts";
import { InputError } from "../../inputError.ts";

/** What an offer must be for, before anybody looks at its price. */
export interface OfferedBy {
  readonly chainId: bigint;
  /** Address of OrderEscrow. */
  readonly escrow: string;
  readonly nodeId: bigint;
  readonly provider: string;
}

const answer = z.object({ offers: z.array(offerDocument).max(64) });

/**
 * Fetches the offers that a node's gateway hands out. They are its word: whether they are signed says the chain when one is taken.
 *
 * @param ask.units Only the offer for an order of so many units.
 * @param ask.fetch Asks instead of the system's `fetch`.
 * @throws {GatewayError} Such as `no-offer`.
 * @throws {InputError} When the gateway hands out offers of somebody else.
 */
export async function fetchOffers(
  origin: string,
  by: OfferedBy,
  { units, ...ask }: { readonly units?: number } & Pick<Ask, "fetch"> = {},
): Promise<OfferDocument[]> {
  const query = units === undefined ? "" : `?units=${String(units)}`;
  const { offers } = await askJson(origin, `/v1/offers${query}`, answer, ask);
  for (const document of offers) checkOffer(origin, by, document, units);
  return offers;
}

function checkOffer(
  origin: string,
  { chainId, escrow, nodeId, provider }: OfferedBy,
  document: OfferDocument,
  units?: number,
): void {
  const { offer } = document;
  const facts = [
    [BigInt(document.chainId), chainId],
    [document.escrow, escrow],
    [offer.nodeId, nodeId],
    [offer.provider, provider],
    [document.offerHash, TypedDataEncoder.hash(domainOf("OrderEscrow", chainId, escrow), offerTypes, offer)],
    [offer.units, units ?? offer.units],
  ];
  if (facts.every(([found, expected]) => found === expected)) return;
  throw new InputError(
    `The gateway ${origin} hands out an offer that is not one of node ${nodeId.toString()}'s provider, ${provider}, on this chain`,
    "Do not take it. Ask the provider, or take another node: `market list`.",
  );
}
