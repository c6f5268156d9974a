import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/**
 * Whether a request names this machine by a number or as localhost. A page in a browser that has a name of its own point here is not let in.
 */
export function isDirect({ headers: { host = "" } }: Pick<IncomingMessage, "headers">): boolean {
  const name = host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || isIP(name) !== 0;
}
