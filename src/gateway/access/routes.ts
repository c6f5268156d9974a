import { z } from "@hono/zod-openapi";

import type { Credential, Grant } from "./credential.ts";
import { LAST_CHILD_ENDS_AFTER, type Links } from "./links.ts";
import { signIn, type LoginOptions } from "./login.ts";
import type { OnceOnly } from "./onceOnly.ts";
import { DELEGATION_HEADER } from "../../eip712/access.ts";
import { forms } from "../../forms.ts";
import type { Api } from "../http/api.ts";
import { Problem } from "../problems/problem.ts";

/** What the routes of access need. */
export interface AccessRouteOptions extends LoginOptions {
  readonly links: Links;
  readonly once: OnceOnly;
}

const seconds = z.number().int().describe("Unix seconds");
const session = z
  .object({
    account: z.string(),
    expiresAt: seconds,
    orders: z.array(
      z.object({
        order: z.number().int(),
        terms: z.string(),
        scopes: z.array(z.string()),
        delegatedBy: z.string().optional(),
      }),
    ),
  })
  .openapi("Session");
const json = <T extends z.ZodType>(schema: T) => ({ content: { "application/json": { schema } } });

/** A session as its holder sees it. */
function sessionOf({ account, expiresAt, grants }: Omit<Credential, "id">): z.infer<typeof session> {
  const orders = grants.map(({ order, terms, scopes, delegation }: Grant) => ({
    ...{ order, terms, scopes: [...scopes] },
    ...(delegation === undefined ? {} : { delegatedBy: delegation.user }),
  }));
  return { account, expiresAt, orders };
}

/** Adds the routes by which users sign in, end sessions, withdraw delegations, and make and open links. */
export function addAccessRoutes(api: Api, options: AccessRouteOptions): void {
  addSignInRoutes(api, options);
  addSessionRoutes(api, options);
  addRevocationRoute(api, options);
  addLinkRoutes(api, options);
}

function addSignInRoutes(api: Api, options: AccessRouteOptions): void {
  api.route(
    { kind: "open" },
    {
      method: "post",
      path: "/v1/auth/nonce",
      summary: "A nonce for one sign-in.",
      responses: { 200: { description: "The nonce", ...json(z.object({ nonce: z.string(), expiresAt: seconds })) } },
    },
    (context) => context.json(options.nonces.issue(), 200),
    { limit: "login" },
  );
  const login = z.strictObject({
    message: z.string().min(1).max(8_192),
    signature: z.string().regex(/^0x[0-9a-fA-F]{2,8192}$/),
  });
  api.route(
    { kind: "signed" },
    {
      method: "post",
      path: "/v1/auth/login",
      summary: "Sign-In with Ethereum (EIP-4361): a token for 15 minutes.",
      description:
        "The message's resources name orders and scopes, such as `computing-power:order:7:deploy,logs`. A delegate sends the user's delegation in the header `computing-power-delegation`.",
      request: { body: { required: true, ...json(login) } },
      responses: { 200: { description: "The session", ...json(session.extend({ token: z.string() })) } },
    },
    async (context) => {
      const { message, signature } = context.req.valid("json");
      const { token, ...signed } = await signIn(options, message, signature, context.req.header(DELEGATION_HEADER));
      return context.json({ token, ...sessionOf(signed) }, 200);
    },
    { limit: "login" },
  );
}

function addSessionRoutes(api: Api, { once }: AccessRouteOptions): void {
  api.route(
    { kind: "session" },
    {
      method: "get",
      path: "/v1/auth/session",
      summary: "What the token that is sent is good for.",
      responses: { 200: { description: "The session", ...json(session) } },
    },
    (context) => context.json(sessionOf(context.get("credential")), 200),
  );
  api.route(
    { kind: "session" },
    {
      method: "delete",
      path: "/v1/auth/session",
      summary: "Ends the token that is sent, and every link and cookie that was made by it.",
      responses: { 204: { description: "It is ended" } },
    },
    (context) => {
      const { id, expiresAt } = context.get("credential");
      once.use("ended", id, expiresAt + LAST_CHILD_ENDS_AFTER);
      return context.body(null, 204);
    },
    // Any wallet can sign a token of its own, and each end is remembered for a while.
    { limit: "login" },
  );
}

function addRevocationRoute(api: Api, { delegations }: AccessRouteOptions): void {
  const revocation = z.strictObject({
    user: forms.address,
    order: z.number().int().positive().describe("An order that the user has at this node"),
    delegation: forms.hash,
    before: z.number().int().nonnegative(),
    signature: forms.digits,
  });
  api.route(
    { kind: "signed" },
    {
      method: "post",
      path: "/v1/auth/revocations",
      summary:
        "Withdraws a delegation, or all that were issued before a time, by the user's EIP-712 signature of a Revocation.",
      request: { body: { required: true, ...json(revocation) } },
      responses: { 204: { description: "It is withdrawn for good" } },
    },
    async (context) => {
      await delegations.revoke(context.req.valid("json"));
      return context.body(null, 204);
    },
    { limit: "login" },
  );
}

function addLinkRoutes(api: Api, { links }: AccessRouteOptions): void {
  const target = z.strictObject({
    service: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "not a service's name"),
    path: z.string().max(2_000).default("/"),
  });
  api.route(
    { kind: "order", scope: "access" },
    {
      method: "post",
      path: "/v1/orders/{order}/links",
      summary: "A link that lets the browser that opens it first into an application.",
      request: { params: z.object({ order: z.string() }), body: { required: true, ...json(target) } },
      responses: { 201: { description: "The link", ...json(z.object({ url: z.string(), expiresAt: seconds })) } },
    },
    async (context) => {
      const { service, path } = context.req.valid("json");
      const { order } = context.get("caller");
      const link = await links.issue(context.get("credential"), order, { service, path: pathWithin(path) });
      return context.json(link, 201);
    },
  );
  api.route(
    { kind: "signed" },
    {
      method: "get",
      path: "/v1/orders/{order}/links/{link}",
      summary: "Opens a link: sets the cookie that lets a browser in, and leads to the application.",
      request: { params: z.object({ order: z.string().regex(/^[1-9]\d{0,14}$/), link: z.string().max(8_192) }) },
      responses: { 303: { description: "To the application" } },
    },
    async (context) => {
      const { order, link } = context.req.valid("param");
      const { cookie, location } = await links.redeem(Number(order), link, false);
      return new Response(null, { status: 303, headers: { location, "set-cookie": cookie } });
    },
    { limit: "login" },
  );
}

/** A path that stays where it is put: normalised, so that no dots lead out of an application. */
function pathWithin(path: string): string {
  const base = "https://application.invalid";
  const url = path.startsWith("/") && URL.canParse(path, base) ? new URL(path, base) : undefined;
  if (url?.origin !== base)
    throw new Problem("invalid-request", "The path is not one within the application", {
      errors: [{ detail: "not a path such as /index.html", path: "path" }],
    });
  return `${url.pathname}${url.search}${url.hash}`;
}
