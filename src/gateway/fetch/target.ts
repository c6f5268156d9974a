import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

import { isReachable } from "./addresses.ts";
import { isLoopback } from "../ipAddress.ts";
import { Problem } from "../problems/problem.ts";

/** Finds the addresses of a host name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** A place that may be connected to: its addresses were checked, and no others are to be used. */
export interface Target {
  readonly url: URL;
  /** Host name without brackets and without a trailing dot. */
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly [string, ...string[]];
}

/** The system's resolver, which reads the hosts file as well. */
export const resolveHost: Resolve = async (host) => {
  const found = await lookup(host, { all: true, order: "verbatim" });
  return found.map(({ address }) => address);
};

/** The URL as it may be told again: no user, no password, no query. */
export function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

const refusedUrl = (detail: string): Problem => new Problem("manifest-url-refused", detail);

/**
 * Reads a URL that a user gave, and checks what can be checked without the network.
 *
 * @throws {Problem} `manifest-url-refused`.
 */
export function parseUrl(text: string, allowLoopback: boolean): URL {
  if (text.length > 2048) throw refusedUrl(`The URL has ${String(text.length)} characters; at most 2048 are taken`);
  if (!URL.canParse(text)) throw refusedUrl("The URL is not a URL");
  const url = new URL(text);
  checkUrl(url, allowLoopback);
  return url;
}

/** @throws {Problem} `manifest-url-refused`, where a URL of this form is not fetched. */
export function checkUrl(url: URL, allowLoopback: boolean): void {
  if (url.username !== "" || url.password !== "") throw refusedUrl("The URL has a user or a password");
  if (url.protocol !== "https:" && !(allowLoopback && url.protocol === "http:")) {
    throw refusedUrl(`The URL begins with ${url.protocol} instead of https:`);
  }
  const port = portOf(url);
  if (port !== 80 && port !== 443 && port < 1024) {
    throw refusedUrl(`The URL's port is ${String(port)}; 80, 443 and those above 1023 are allowed`);
  }
}

function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

/** The name of a URL's host: brackets belong to the URL, a dot at the end to DNS. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

/** The addresses of a host; that of a host that is written as one. */
async function addressesOf(host: string, resolve: Resolve): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    return await resolve(host);
  } catch (error) {
    throw new Problem("manifest-unreachable", `The host ${host} has no address`, { cause: error });
  }
}

/**
 * Resolves a URL's host, and refuses it unless every one of its addresses is public.
 *
 * @throws {Problem} `manifest-address-refused`, which does not say which address it was: internal names stay unknown. `manifest-unreachable`,
 *   when there is none.
 */
export async function findTarget(url: URL, allowLoopback: boolean, resolve: Resolve): Promise<Target> {
  const host = hostOf(url);
  const [first, ...others] = await addressesOf(host, resolve);
  if (first === undefined) throw new Problem("manifest-unreachable", `The host ${host} has no address`);
  const addresses = [first, ...others] as const;
  const isAllowed = (address: string): boolean => (allowLoopback && isLoopback(address)) || isReachable(address);
  if (!addresses.every(isAllowed)) {
    throw new Problem("manifest-address-refused", `The host ${host} has an address that is not public`);
  }
  return { url, host, port: portOf(url), addresses };
}
