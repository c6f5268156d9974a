import type { GatewayConfig } from "../config/schema.ts";
import type { AddressBook } from "../../deployments.ts";
import { configured } from "../../page/config.ts";
import { readPage, type PageFiles } from "../../page/files.ts";

/**
 * The page, for the gateway's network and with the endpoints that its configuration calls public: none of those that the gateway itself asks.
 *
 * @returns Nothing where the gateway is not to serve it.
 * @throws {InputError} Where the page is not built.
 */
export function marketPage({ market }: Pick<GatewayConfig, "market">, book: AddressBook): PageFiles | undefined {
  return market && configured(readPage(), [{ book, rpcUrls: market.publicRpcUrls, measurements: market.measurements }]);
}
