import { isIPv4 } from "node:net";

import ipaddr from "ipaddr.js";

import { parseAddress, type IpAddress } from "../ipAddress.ts";
import { InputError } from "../../inputError.ts";

type Block = readonly [address: IpAddress, bits: number];

/** What a client is counted by: its address; of IPv6 the 64 bits that one customer has. */
export function clientKey(text: string): string {
  if (isIPv4(text)) return text;
  const address = parseAddress(text);
  if (address === undefined) return "unknown";
  if (address.kind() === "ipv4") return address.toString();
  return `${address.toNormalizedString().split(":").slice(0, 4).join(":")}::/64`;
}

/** An address as the block of itself alone, or a block in CIDR notation. Throws an Error for anything else. */
export function blockOf(text: string): Block {
  if (text.includes("/")) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

function parseBlock(text: string): Block {
  try {
    return blockOf(text);
  } catch (cause) {
    const remedy = "Give an address such as 10.0.0.1, or a block such as 10.0.0.0/8.";
    throw new InputError(`The trusted proxy ${text} is no address`, remedy, { cause });
  }
}

/** The proxies whose word about clients counts. */
export class TrustedProxies {
  readonly #blocks: readonly Block[];

  /**
   * @param blocks Addresses, or blocks in CIDR notation.
   * @throws {InputError} For anything else.
   */
  constructor(blocks: readonly string[]) {
    this.#blocks = blocks.map(parseBlock);
  }

  /** Whether an address is one of them. */
  has(text: string): boolean {
    if (this.#blocks.length === 0) return false;
    const address = parseAddress(text);
    return (
      address !== undefined &&
      this.#blocks.some(([block, bits]) => block.kind() === address.kind() && address.match(block, bits))
    );
  }

  /**
   * The client's address: the connection's, or as its trusted proxies say, the last in the chain that is not one of them. What stands before
   * that in the header anybody may have written.
   *
   * @param peer The address that the connection comes from.
   * @param forwardedFor The header `x-forwarded-for`.
   */
  clientOf(peer: string, forwardedFor: string | undefined): string {
    let client = peer;
    const hops = (forwardedFor ?? "").split(",").map((hop) => hop.trim());
    while (this.has(client)) {
      const hop = hops.pop();
      if (hop === undefined || parseAddress(hop) === undefined) break;
      client = hop;
    }
    return isIPv4(client) ? client : (parseAddress(client)?.toString() ?? client);
  }
}
