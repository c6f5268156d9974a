import { isIP } from "node:net";
import { networkInterfaces } from "node:os";

import ipaddr from "ipaddr.js";

import { CLOSED_IPV4 } from "../closedBlocks.ts";

const CLOSED = CLOSED_IPV4.map((block) => ipaddr.IPv4.parseCIDR(block));

const parsed = (address: string): ReturnType<typeof ipaddr.parse> | undefined =>
  isIP(address) !== 0 ? ipaddr.parse(address) : undefined;

/**
 * Whether an address may be anybody's on the public internet. IPv4: what no registry reserves. IPv6: what is in 2000::/3, from which public
 * addresses are given out, and not reserved; so no form that carries an IPv4 address inside (mapped, compatible, NAT64, 6to4, Teredo) is.
 *
 * @param address As resolvers write it; anything else is not public.
 */
export function isPublic(address: string): boolean {
  const ip = parsed(address);
  if (ip?.range() !== "unicast") return false;
  if (ip instanceof ipaddr.IPv4) return !CLOSED.some((block) => ip.match(block));
  return (ip.toByteArray()[0] ?? 0) >> 5 === 1;
}

/**
 * Whether an address is one of this machine's own. What listens on one is often shut to the internet by a firewall that the machine itself
 * does not pass.
 */
export function isOwn(address: string): boolean {
  const ip = parsed(address)?.toNormalizedString();
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return own.some((each) => parsed(each.address)?.toNormalizedString() === ip);
}

/** Whether what a stranger chose may lead to an address: it is public, and not this machine's own. */
export function isReachable(address: string): boolean {
  return isPublic(address) && !isOwn(address);
}
