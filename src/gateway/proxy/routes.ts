import { createRoute, z } from "@hono/zod-openapi";

import type { Domains } from "./domains.ts";
import type { Api } from "../http/api.ts";

const SERVICE = /^[a-z](?:[-a-z0-9]{0,38}[a-z0-9])?$/;

const orderParam = z.object({ order: z.string() });
const domainParam = z.object({ order: z.string(), domain: z.string().min(1).max(253) });
const listed = z.object({
  domains: z.array(
    z.object({
      domain: z.string(),
      service: z.string(),
      misses: z.number().describe("Looks in a row that have not found its record; with the third it leads nowhere"),
    }),
  ),
});

/** Adds what users do with their own domains. */
export function addDomainRoutes(api: Api, domains: Domains): void {
  api.route(
    { kind: "order", scope: "deploy" },
    createRoute({
      method: "get",
      path: "/v1/orders/{order}/domains",
      summary: "The order's own domains",
      request: { params: orderParam },
      responses: { 200: { description: "By name", content: { "application/json": { schema: listed } } } },
    }),
    (context) => {
      const list = domains.list(context.get("caller"));
      return context.json({ domains: list.map(({ domain, service, misses }) => ({ domain, service, misses })) }, 200);
    },
  );
  api.route(
    { kind: "order", scope: "deploy" },
    createRoute({
      method: "put",
      path: "/v1/orders/{order}/domains/{domain}",
      summary: "Has a domain lead to a service, once its DNS says that it may",
      request: {
        params: domainParam,
        body: {
          required: true,
          content: {
            "application/json": {
              schema: z.strictObject({ service: z.string().regex(SERVICE, "not a name of a service") }),
            },
          },
        },
      },
      responses: { 204: { description: "The domain leads to the service" } },
    }),
    async (context) => {
      await domains.put(context.get("caller"), context.req.valid("param").domain, context.req.valid("json").service);
      return context.body(null, 204);
    },
    { limit: "fetch" },
  );
  api.route(
    { kind: "order", scope: "deploy" },
    createRoute({
      method: "delete",
      path: "/v1/orders/{order}/domains/{domain}",
      summary: "Has a domain lead nowhere",
      request: { params: domainParam },
      responses: { 204: { description: "The domain leads to none of the order's services" } },
    }),
    (context) => {
      domains.remove(context.get("caller"), context.req.valid("param").domain);
      return context.body(null, 204);
    },
  );
}
