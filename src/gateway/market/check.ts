import { marketPage } from "./page.ts";
import { MARKET_PATH } from "./routes.ts";
import type { GatewayConfig } from "../config/schema.ts";
import type { Finding } from "../orchestrator/orchestrator.ts";
import type { AddressBook } from "../../deployments.ts";
import { checkEndpoint } from "../../page/endpoint.ts";

/**
 * Sees whether a browser can work with the page of the market: whether it is built, and whether its endpoints can be asked by pages and are of
 * the gateway's chain.
 *
 * @throws {InputError} When not.
 */
export async function checkMarket(config: GatewayConfig, book: AddressBook): Promise<readonly Finding[]> {
  if (marketPage(config, book) === undefined) return [];
  const urls = config.market?.publicRpcUrls ?? [];
  for (const url of urls) await checkEndpoint(url, book.chainId);
  const detail = `${config.origin}${MARKET_PATH}, by ${urls.map((url) => new URL(url).origin).join(", ")}`;
  return [{ subject: "market", state: "ok", detail, remedy: undefined }];
}
