import type { IncomingMessage } from "node:http";

import { isForGateway, TOKEN_HEADER } from "../access/appAccess.ts";
import { withoutAccessCookies } from "../access/cookies.ts";
import { DELEGATION_HEADER } from "../../eip712/access.ts";
import { Problem } from "../problems/problem.ts";

/** Between two hops alone (RFC 9110, 7.6.1), or about them. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization"],
  ...["te", "transfer-encoding", "upgrade", "http2-settings"],
]);

/** What clients say of themselves and of their way here: only the gateway is believed. */
const FORWARDED =
  /^(?:forwarded|x-forwarded(?:-.*)?|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|x-original-(?:url|host|uri)|x-rewrite-url|x-request-id|via)$/;

/** The gateway's own. */
const OWN: ReadonlySet<string> = new Set([TOKEN_HEADER, DELEGATION_HEADER].map((name) => name.toLowerCase()));

/** Fields that frame a message, or without which it is another one: `Connection` cannot take them away. */
const FRAMING: ReadonlySet<string> = new Set(["content-length", "host", "expect"]);

/** The values of a field, whose name is in lower case, in the order in which they came. */
export function valuesOf(rawHeaders: readonly string[], lower: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.toLowerCase() === lower) values.push(rawHeaders[i + 1] ?? "");
  return values;
}

/** The names that a message's `Connection` fields give, in lower case, but for those that are never handed on. */
function namedByConnection(rawHeaders: readonly string[]): ReadonlySet<string> {
  const named = new Set<string>();
  for (const value of valuesOf(rawHeaders, "connection"))
    for (const name of value.split(",")) named.add(name.trim().toLowerCase());
  return named;
}

/**
 * The fields of a message that are for the other end, and not for this hop, in the order and the letters in which they came.
 *
 * @param rawHeaders Names and values in turn, as node gives and takes them.
 * @param see How the other end sees a field, by its name in lower case and its value: undefined where it does not.
 */
export function endToEnd(
  rawHeaders: readonly string[],
  see: (lower: string, value: string) => string | undefined,
): string[] {
  const named = namedByConnection(rawHeaders);
  const isChunked = valuesOf(rawHeaders, "transfer-encoding").length > 0;
  const fields: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = "", value = ""] = [rawHeaders[i], rawHeaders[i + 1]];
    const lower = name.toLowerCase();
    // Of two lengths the chunks count.
    const isKept = FRAMING.has(lower)
      ? !(isChunked && lower === "content-length")
      : !HOP_BY_HOP.has(lower) && !named.has(lower);
    const seen = isKept ? see(lower, value) : undefined;
    if (seen !== undefined) fields.push(name, seen);
  }
  return fields;
}

/** Who asks, and how, as the application is told. */
export interface Asker {
  readonly requestId: string;
  /** The client's address. */
  readonly clientAddress: string;
  readonly protocol: "http" | "https";
  /** The host that the client asked, as `onlyHost` gives it. */
  readonly host: string;
  /** What stands before the application's own path. */
  readonly prefix: string;
  /** Whether the client waits to be told to go on before it sends its body; it does not unless this says so. */
  readonly awaitsContinue?: boolean;
}

/** A field as an application may see it: whole, in part, or not at all. */
function asApplicationSees(lower: string, value: string): string | undefined {
  // Many servers take x_forwarded_for for x-forwarded-for.
  const plain = lower.replaceAll("_", "-");
  if (OWN.has(plain) || FORWARDED.test(plain) || HOP_BY_HOP.has(plain)) return undefined;
  if (lower === "authorization" && isForGateway(value)) return undefined;
  return lower === "cookie" ? withoutAccessCookies(value) : value;
}

/**
 * The one Host of a request.
 *
 * @throws {Problem} `invalid-request`, where it has several, or one with characters that no host has.
 */
export function onlyHost({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">): string {
  const [host, ...others] = valuesOf(rawHeaders, "host");
  if (host === undefined || others.length > 0)
    throw new Problem("invalid-request", "The request needs one Host header");
  if (!/^[A-Za-z0-9._-]+(?::\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](?::\d{1,5})?$/.test(host)) {
    throw new Problem("invalid-request", "The request's Host is not a host");
  }
  return host;
}

/**
 * The fields that a request has for the application. What the gateway was told with it stays here: its token in `authorization` or
 * `computing-power-token`, its cookie, delegations. An `authorization` of another kind is the application's.
 *
 * @returns Names and values in turn.
 */
export function applicationFields(
  { rawHeaders }: Pick<IncomingMessage, "rawHeaders">,
  { requestId, clientAddress, protocol, host, prefix, awaitsContinue = false }: Asker,
): string[] {
  const fields = endToEnd(rawHeaders, (lower, value) =>
    lower === "expect" && !awaitsContinue ? undefined : asApplicationSees(lower, value),
  );
  fields.push("x-forwarded-for", clientAddress, "x-forwarded-host", host, "x-forwarded-proto", protocol);
  if (prefix !== "") fields.push("x-forwarded-prefix", prefix);
  fields.push("x-real-ip", clientAddress, "x-request-id", requestId);
  return fields;
}

/** Fields that have no place behind a body: whoever believed them there could be deceived. */
const NOT_TRAILERS =
  /^(?:content-.*|host|authorization|cookie|set-cookie|cache-control|expect|max-forwards|pragma|range|age|date|expires|location|retry-after|vary|warning|trailer|www-authenticate)$/;

/** The fields behind a body that are handed on. */
export function trailersOf(rawTrailers: readonly string[]): [name: string, value: string][] {
  const trailers: [string, string][] = [];
  for (let i = 0; i < rawTrailers.length; i += 2) {
    const [name = "", value = ""] = [rawTrailers[i], rawTrailers[i + 1]];
    const lower = name.toLowerCase();
    const seen = NOT_TRAILERS.test(lower) ? undefined : asApplicationSees(lower, value);
    if (seen !== undefined) trailers.push([name, seen]);
  }
  return trailers;
}
