import { isRpcUrl, type NetworkConfig } from "../chain/config.ts";

const keyOf = ({ chainId }: NetworkConfig): string => `rpc ${chainId.toString()}`;

/** The endpoint that somebody chose here, if one was. */
export function ownEndpoint(config: NetworkConfig): string | undefined {
  const kept = localStorage.getItem(keyOf(config));
  return isRpcUrl(kept) ? kept : undefined;
}

/** Keeps an endpoint of one's own, or forgets it; it counts when the page is loaded again. */
export function keepEndpoint(config: NetworkConfig, url: string | undefined): void {
  if (url === undefined) localStorage.removeItem(keyOf(config));
  else localStorage.setItem(keyOf(config), url);
}

/** A network, read by the endpoint that somebody chose here alone: who runs a node trusts no other. */
export function withOwnEndpoint(config: NetworkConfig): NetworkConfig {
  const own = ownEndpoint(config);
  return own === undefined ? config : { ...config, rpcUrls: [own] };
}
