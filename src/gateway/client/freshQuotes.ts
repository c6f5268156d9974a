import { askJson, type Ask } from "./request.ts";
import { freshQuoteDocument, type FreshQuoteDocument } from "../../documents/nodes.ts";

/**
 * Has a node's enclave make a quote over a nonce, by the node's gateway. Nothing of it is verified here.
 *
 * @param nonce 32 bytes in hexadecimal, chosen at random for this request.
 * @throws {GatewayError} Such as `no-fresh-quote` or `enclave-unreachable`.
 */
export async function fetchFreshQuote(
  origin: string,
  nonce: string,
  ask: Pick<Ask, "fetch"> = {},
): Promise<FreshQuoteDocument> {
  const question = { method: "POST", json: { nonce }, timeout: 60_000 } as const;
  return askJson(origin, "/v1/node/quote", freshQuoteDocument, { ...ask, ...question });
}
