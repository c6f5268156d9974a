import { lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";

import { Agent, buildConnector, fetch as fetchBy } from "undici";

import { isPublic } from "./addresses.ts";

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
    const refused = addresses.length === 0 || addresses.some(({ address }) => !isPublic(address));
    if (refused) callback(new NotPublic(host), []);
    else if (options.all === true) callback(null, addresses);
    else callback(null, addresses[0]?.address ?? "", addresses[0]?.family);
  });
};

const connectPublic = buildConnector({ lookup: publicLookup });

/** Connections to public addresses alone. An address in place of a name is never looked up, so it is checked here. */
const agent = new Agent({
  connect: (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, "");
    if (isIP(host) !== 0 && !isPublic(host)) callback(new NotPublic(host), null);
    else connectPublic(options, callback);
  },
});

/** `fetch` for URLs whose host a stranger chose, such as an image's registry: connects to public addresses alone, in redirects too. */
export const publicFetch: typeof fetch = async (input, init) =>
  // That of the package whose agent it is: Node's own may be of another version, whose agents differ. Their types differ in names alone.
  (fetchBy as unknown as (...asked: unknown[]) => Promise<Response>)(input, { ...init, dispatcher: agent });
