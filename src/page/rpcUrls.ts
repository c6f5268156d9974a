import { isIPv4 } from "node:net";

/** Whether a host is this machine alone. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return name === "localhost" || name === "::1" || (isIPv4(name) && name.startsWith("127."));
}

/** Whether a URL leads to whatever machine it is opened on. */
export function isLocalUrl(url: string): boolean {
  return isLoopback(new URL(url).hostname);
}

/** Whether the page may ask this endpoint: its policy lets it connect by https, or to the reader's own machine as these two names. */
export function isForBrowsers(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || (protocol === "http:" && ["localhost", "127.0.0.1"].includes(hostname));
}

/** Whether a part of a URL may be a key: long, and no word. */
function isLikeKey(part: string): boolean {
  if (!/^[\w-]{16,}$/.test(part)) return false;
  return /\d/.test(part) || (part.length >= 24 && /[a-z]/.test(part) && /[A-Z]/.test(part));
}

/**
 * What of a URL looks as if it were for its owner alone; undefined where nothing does. Providers of RPC endpoints write keys into names,
 * paths and queries, and none of them is marked as one: this is a guess, which rather errs to the safe side.
 */
export function secretIn(url: string): string | undefined {
  const { username, password, search, hostname, pathname } = new URL(url);
  if (username !== "" || password !== "") return "a user's name or password";
  if (search !== "") return "a query, which may be a key";
  if (pathname.split("/").some(isLikeKey)) return "a path that looks like a key";
  return hostname.split(".").some(isLikeKey) ? "a host that looks like a key" : undefined;
}
