import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { Logger } from "pino";

import { clientKey, type TrustedProxies } from "./addresses.ts";
import type { ApiEnv } from "./api.ts";
import type { Limits } from "./limits.ts";
import type { Metrics } from "./metrics.ts";

/** Who sends a request, and how it is named in logs. */
export interface Identity {
  readonly requestId: string;
  /** The client's address, as the trusted proxies say. */
  readonly clientAddress: string;
  /** The address that the connection comes from. */
  readonly peerAddress: string;
}

const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** Tells who sends a request; used for what is handed to applications as well. A request's id is taken from trusted proxies alone. */
export function identify(
  {
    socket,
    headers,
  }: { readonly socket?: { readonly remoteAddress?: string | undefined } } & Pick<IncomingMessage, "headers">,
  trusted: TrustedProxies,
): Identity {
  const peerAddress = socket?.remoteAddress ?? "";
  const forwarded = headers["x-forwarded-for"];
  const given = headers["x-request-id"];
  const isTaken = typeof given === "string" && REQUEST_ID.test(given) && trusted.has(peerAddress);
  return {
    requestId: isTaken ? given : randomUUID(),
    clientAddress: trusted.clientOf(peerAddress, Array.isArray(forwarded) ? forwarded.join(",") : forwarded),
    peerAddress,
  };
}

/** Sent with every answer that does not say otherwise. */
const HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
};

/** Pages of other origins may use the API: it takes no cookies, so they can do nothing that their user's token does not allow. */
export const CROSS_ORIGIN: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "content-range, location, retry-after, upload-offset, x-request-id",
};
const PREFLIGHT: Readonly<Record<string, string>> = {
  "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
  "access-control-allow-headers":
    "authorization, content-type, last-event-id, range, upload-length, upload-offset, computing-power-delegation",
  "access-control-max-age": "600",
};

/** What every request goes through. */
export interface RequestOptions {
  readonly trusted: TrustedProxies;
  readonly limits: Limits | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics | undefined;
  /** Whether clients come by https: then browsers are told to stay with it. */
  readonly isSecure: boolean;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Names requests, counts them, and adds the headers that all answers have. */
export function requestMiddleware(options: RequestOptions): MiddlewareHandler<ApiEnv>[] {
  return [identityMiddleware(options), accessLog(options), answerHeaders(options), addressLimit(options)];
}

function identityMiddleware({ trusted }: RequestOptions): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const { requestId, clientAddress, peerAddress } = identify(context.env.incoming, trusted);
    context.set("requestId", requestId);
    context.set("clientAddress", clientAddress);
    context.set("peerAddress", peerAddress);
    await next();
  };
}

/** Logs a line a request: of its address only the route, because the rest may hold tokens and what users call secret. */
function accessLog({ logger, metrics, now }: RequestOptions): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const startedAt = now();
    await next();
    const route = matchedRoutes(context).findLast(({ path }) => !path.includes("*"))?.path ?? "none";
    const { method } = context.req;
    const { status } = context.res;
    const milliseconds = now() - startedAt;
    metrics?.observe({ method, route, status, seconds: milliseconds / 1000 });
    const order = route.includes("/:order") ? context.req.param("order") : undefined;
    logger.info(
      {
        requestId: context.get("requestId"),
        client: context.get("clientAddress"),
        ...{ method, route, status, milliseconds },
        order: order !== undefined && /^\d{1,15}$/.test(order) ? order : undefined,
      },
      "request",
    );
  };
}

function answerHeaders({ isSecure }: RequestOptions): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    if (context.req.method === "OPTIONS") {
      context.res = new Response(null, { status: 204, headers: { ...PREFLIGHT } });
    } else {
      await next();
    }
    const { headers } = context.res;
    const usual = { ...HEADERS, ...CROSS_ORIGIN, "x-request-id": context.get("requestId") };
    for (const [name, value] of Object.entries(usual)) if (!headers.has(name)) headers.set(name, value);
    if (isSecure) headers.set("strict-transport-security", "max-age=31536000");
  };
}

function addressLimit({ limits }: RequestOptions): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    limits?.take("address", clientKey(context.get("clientAddress")));
    await next();
  };
}
