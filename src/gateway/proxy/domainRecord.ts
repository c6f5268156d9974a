import { Resolver } from "node:dns/promises";
import { domainToASCII } from "node:url";

import { Problem } from "../problems/problem.ts";

/** The texts that a name has in DNS, each in the parts in which it is kept. */
export type ResolveTexts = (name: string) => Promise<readonly (readonly string[])[]>;

/** The order that a domain is to lead to, at this gateway's node. */
export interface DomainClaim {
  readonly domain: string;
  readonly node: number;
  readonly order: number;
}

const LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?";
const DOMAIN = new RegExp(`^(?=.{4,230}$)(?:${LABEL}\\.)+(?:[a-z]|xn--)[a-z0-9-]*[a-z0-9]$`);

/** Codes by which resolvers say that there is no such record, rather than that they do not know. */
const ABSENT: ReadonlySet<unknown> = new Set(["ENODATA", "ENOTFOUND"]);

/** Asks the system's name servers, each for a few seconds. */
export function systemTexts(): ResolveTexts {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 });
  return async (name) => resolver.resolveTxt(name);
}

/**
 * A domain as DNS has it: lower case, letters of other scripts as IDNA writes them, no dot behind.
 *
 * @param reserved Hosts that are the gateway's own, with everything below them.
 * @throws {Problem} `domain-refused`, where it is no name of a host, or the gateway's own.
 */
export function parseDomain(text: string, reserved: readonly string[]): string {
  // Parsers of URLs leave out what stands behind a host.
  const domain = /^[\w.\u0080-\uffff-]+$/.test(text) ? domainToASCII(text.replace(/\.$/, "")) : "";
  if (!DOMAIN.test(domain)) throw new Problem("domain-refused", "The domain is not a name such as shop.example");
  const own = reserved.find((host) => domain === host || domain.endsWith(`.${host}`));
  if (own !== undefined) throw new Problem("domain-refused", `${domain} belongs to the gateway`);
  return domain;
}

/** The record that proves that a domain's owner wants it to lead to an order. */
export function recordOf({ domain, node, order }: DomainClaim): { readonly name: string; readonly text: string } {
  return { name: `_computing-power.${domain}`, text: `node=${String(node)} order=${String(order)}` };
}

/**
 * Whether a domain's record is there.
 *
 * @throws {Problem} `domain-unresolved`, where the name servers do not answer: then nobody knows.
 */
export async function hasRecord(claim: DomainClaim, resolve: ResolveTexts): Promise<boolean> {
  const { name, text } = recordOf(claim);
  try {
    const texts = await resolve(name);
    return texts.some((parts) => parts.join("").trim() === text);
  } catch (error) {
    if (ABSENT.has((error as { readonly code?: unknown }).code)) return false;
    throw new Problem("domain-unresolved", `The name servers do not say what ${name} is`, {
      cause: error,
      retryAfter: 30,
    });
  }
}
