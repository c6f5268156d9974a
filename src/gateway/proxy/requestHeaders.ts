import type { IncomingMessage } from "node:http";

import { isForGateway, TOKEN_HEADER } from "../access/appAccess.ts";
import { withoutAccessCookies } from "../access/cookies.ts";
import { DELEGATION_HEADER } from "../../eip712/access.ts";
import { Problem } from "../problems/problem.ts";

/** A header field, in the order and the letters in which it came. */
export type Field = readonly [name: string, value: string];

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

/** The fields of a message as they came. */
export function fieldsOf(rawHeaders: readonly string[]): Field[] {
  return rawHeaders.flatMap((name, index): Field[] => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""]] : []));
}

/** The names that a message's `Connection` fields give, in lower case. */
function connectionNames(fields: readonly Field[]): ReadonlySet<string> {
  const values = fields.filter(([name]) => name.toLowerCase() === "connection").map(([, value]) => value);
  return new Set(
    values
      .join(",")
      .split(",")
      .map((name) => name.trim().toLowerCase()),
  );
}

/** The fields that are for the other end, and not for this hop. */
export function endToEnd(fields: readonly Field[]): Field[] {
  const named = connectionNames(fields);
  const isChunked = fields.some(([name]) => name.toLowerCase() === "transfer-encoding");
  return fields.filter(([name]) => {
    const lower = name.toLowerCase();
    // Of two lengths the chunks count.
    if (FRAMING.has(lower)) return !(isChunked && lower === "content-length");
    return !HOP_BY_HOP.has(lower) && !named.has(lower);
  });
}

/** Who asks, and how, as the application is told. */
export interface Asker {
  readonly requestId: string;
  /** The client's address. */
  readonly clientAddress: string;
  readonly protocol: "http" | "https";
  /** What stands before the application's own path. */
  readonly prefix: string;
}

/** What an application must not see of a field: all of it, or a part. */
function forApplication([name, value]: Field): Field[] {
  const lower = name.toLowerCase();
  // Many servers take x_forwarded_for for x-forwarded-for.
  const plain = lower.replaceAll("_", "-");
  if (OWN.has(plain) || FORWARDED.test(plain) || HOP_BY_HOP.has(plain)) return [];
  if (lower === "authorization" && isForGateway(value)) return [];
  if (lower !== "cookie") return [[name, value]];
  const cookies = withoutAccessCookies(value);
  return cookies === undefined ? [] : [[name, cookies]];
}

/**
 * The one Host of a request.
 *
 * @throws {Problem} `invalid-request`, where it has several, or one with characters that no host has.
 */
export function onlyHost({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">): string {
  const hosts = fieldsOf(rawHeaders).filter(([name]) => name.toLowerCase() === "host");
  const [host, ...others] = hosts.map(([, value]) => value);
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
 */
export function applicationFields(
  request: IncomingMessage,
  { requestId, clientAddress, protocol, prefix }: Asker,
): Field[] {
  const host = onlyHost(request);
  const fields = endToEnd(fieldsOf(request.rawHeaders)).flatMap(forApplication);
  return [
    ...fields,
    ["x-forwarded-for", clientAddress],
    ["x-forwarded-host", host],
    ["x-forwarded-proto", protocol],
    ...(prefix === "" ? [] : [["x-forwarded-prefix", prefix] as const]),
    ["x-real-ip", clientAddress],
    ["x-request-id", requestId],
  ];
}

/** Fields that have no place behind a body: whoever believed them there could be deceived. */
const NOT_TRAILERS =
  /^(?:content-.*|host|authorization|cookie|set-cookie|cache-control|expect|max-forwards|pragma|range|age|date|expires|location|retry-after|vary|warning|trailer|www-authenticate)$/;

/** The fields behind a body that are handed on. */
export function trailersOf(rawTrailers: readonly string[]): Field[] {
  return fieldsOf(rawTrailers)
    .filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()) && !NOT_TRAILERS.test(name.toLowerCase()))
    .flatMap(forApplication);
}
