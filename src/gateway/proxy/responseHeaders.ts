import { ACCESS_COOKIES } from "../access/cookies.ts";
import { endToEnd } from "./requestHeaders.ts";

/**
 * Where an application has no origin of its own, its pages share one with the gateway and with other orders' pages. Browsers protect origins,
 * not paths, so each page is put into a sandbox: it has an origin that equals no other. Then it can read neither cookies nor storage of the
 * gateway's origin nor any other page, sends no cookie along with what it fetches, and can register no service worker; a page of another
 * order's that tries to act on this one is a stranger. What this costs: such a page's own scripts are strangers to the gateway as well, and
 * reach their service only if it is public and answers cross-origin requests. Whoever needs more takes a host: `applicationsHost`.
 */
const SANDBOX =
  "sandbox allow-downloads allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-scripts";

/** What an answer says of a whole origin: never an application's to say where it shares one. */
const OF_ORIGINS: ReadonlySet<string> = new Set([
  ...["strict-transport-security", "clear-site-data", "service-worker-allowed", "origin-agent-cluster"],
  ...["nel", "report-to", "reporting-endpoints", "expect-ct", "public-key-pins", "accept-ch", "critical-ch"],
  // Browsers send a password that was typed for one path to all of an origin.
  ...["www-authenticate", "authentication-info", "set-login", "activate-storage-access"],
]);

/** Alternative services are another way to a host, which the gateway does not guard. */
const NEVER: ReadonlySet<string> = new Set(["alt-svc", "proxy-authenticate"]);

/** The path that a cookie's attributes say; of several the last counts. */
function pathOf(attributes: readonly string[]): string | undefined {
  const last = attributes.findLast((attribute) => /^\s*path\s*=/i.test(attribute));
  return last?.slice(last.indexOf("=") + 1).trim();
}

/**
 * A cookie that an application sets, made its own: no domain, so that no other order's host gets it; below its prefix where it has one; never
 * one of the gateway's names. Scripts of a page on a host of its own can still set cookies for all hosts of applications, unless that domain
 * is on the public suffix list; so no cookie says more than what its signature says.
 *
 * @returns Undefined where nothing is left.
 */
export function applicationCookie(cookie: string, prefix: string): string | undefined {
  const [pair = "", ...attributes] = cookie.split(";");
  const name = pair.replace(/=.*$/s, "").trim().toLowerCase();
  if (ACCESS_COOKIES.some((own) => own.toLowerCase() === name)) return undefined;
  const kept = attributes.filter((attribute) => !/^\s*(?:domain|path)\s*(?:=|$)/i.test(attribute));
  const path = pathOf(attributes);
  const below = `${prefix}${path?.startsWith("/") === true ? path : "/"}`;
  const own = prefix === "" ? path : below;
  return [pair, ...kept, ...(own === undefined ? [] : [` Path=${own}`])].join(";");
}

/** Where an application redirects to, as the client has to ask for it. */
export function clientLocation(location: string, prefix: string, origin: string): string {
  if (prefix === "") return location;
  if (location.startsWith("/") && !location.startsWith("//")) return prefix + location;
  const isOwn = location === origin || location.startsWith(`${origin}/`);
  return isOwn
    ? `${origin}${prefix}${location.slice(origin.length) === "" ? "/" : location.slice(origin.length)}`
    : location;
}

/** Where an answer goes. */
export interface AnswerContext {
  /** What stands before the application's own path. */
  readonly prefix: string;
  /** The origin that the client asked, such as `https://node.example`. */
  readonly origin: string;
}

function asClientSees(lower: string, value: string, { prefix, origin }: AnswerContext): string | undefined {
  if (NEVER.has(lower) || (prefix !== "" && OF_ORIGINS.has(lower))) return undefined;
  if (lower === "location" || lower === "content-location") return clientLocation(value, prefix, origin);
  return lower === "set-cookie" ? applicationCookie(value, prefix) : value;
}

/**
 * The fields of an application's answer that go to the client.
 *
 * @param rawHeaders Names and values in turn, as the result has them.
 */
export function clientFields(rawHeaders: readonly string[], context: AnswerContext): string[] {
  const fields = endToEnd(rawHeaders, (lower, value) => asClientSees(lower, value, context));
  // Besides the application's own policy, not instead of it: browsers obey each.
  if (context.prefix !== "") fields.push("content-security-policy", SANDBOX);
  return fields;
}
