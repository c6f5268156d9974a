import { lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";

import { Agent, buildConnector, fetch as undiciFetch } from "undici";

import { isReachable } from "./addresses.ts";

/** A host that is not on the public internet. */
class NotPublic extends Error {
  override readonly name = "NotPublic";
  readonly code = "NOT_PUBLIC";

  constructor(host: string) {
    super(`${host} is not on the public internet`);
  }
}

/** Finds a host's addresses, and gives none unless all of them are public: the connection is made to what was checked. */
const publicLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, []);
      return;
    }
    const refused = addresses.length === 0 || addresses.some(({ address }) => !isReachable(address));
    if (refused) callback(new NotPublic(host), []);
    else if (options.all === true) callback(null, addresses);
    else callback(null, addresses[0]?.address ?? "", addresses[0]?.family);
  });
};

const connectPublic = buildConnector({ lookup: publicLookup });
const connectAnywhere = buildConnector({});

/**
 * Makes a `fetch` for URLs whose host a stranger chose, such as an image's registry: it connects to public addresses alone that are not this
 * machine's own, in redirects too.
 *
 * @param named Origins that the operator trusts, whatever their addresses are.
 */
export function publicFetch(named: readonly string[] = []): typeof fetch {
  const trusted = new Set(named);
  const agent = new Agent({
    connect: (options, callback) => {
      // An address in place of a name is never looked up, so it is checked here.
      const host = options.hostname.replace(/^\[|\]$/g, "");
      const { origin } = new URL(`${options.protocol}//${isIP(host) === 6 ? `[${host}]` : host}:${options.port}`);
      if (trusted.has(origin)) connectAnywhere(options, callback);
      else if (isIP(host) !== 0 && !isReachable(host)) callback(new NotPublic(host), null);
      else connectPublic(options, callback);
    },
  });
  // The package's own, for Node's may be of a version that cannot use the package's agents; their types differ in names alone.
  const fetchBy = undiciFetch as unknown as typeof fetch;
  return async (input, init) => fetchBy(input, { ...init, dispatcher: agent } as unknown as RequestInit);
}
