import { createRoute, z } from "@hono/zod-openapi";

import type { SealedSecrets } from "./sealedSecrets.ts";
import type { Api } from "../http/api.ts";

/** Bytes of a request at most: 32 values of 64 KiB are too many for one order anyway. */
const BODY = 1_100_000;
const SECRET_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const SECRET_KEY = /^[-._a-zA-Z0-9]{1,253}$/;

const orderParam = z.object({ order: z.string() });
const secretParam = z.object({ order: z.string(), name: z.string().regex(SECRET_NAME, "not a name of a secret") });

const secretForm = z.object({
  version: z
    .number()
    .int()
    .min(1)
    .max(2 ** 31)
    .describe("Above that of the version before; part of what is sealed"),
  values: z
    .record(z.string().regex(SECRET_KEY, "not a key of a secret"), z.base64().min(1))
    .refine((values) => Object.keys(values).length > 0, "no values")
    .describe("By key, each sealed to the node's enclave key, in base64"),
});

const listed = z.object({
  secrets: z.array(
    z.object({ name: z.string(), version: z.number(), keys: z.array(z.string()), changedAt: z.number() }),
  ),
});

/** Adds what users do with their secrets. Values never come back. */
export function addSecretRoutes(api: Api, secrets: SealedSecrets): void {
  api.route(
    { kind: "order", scope: "secrets" },
    createRoute({
      method: "get",
      path: "/v1/orders/{order}/secrets",
      summary: "Names, versions and keys of the order's secrets",
      request: { params: orderParam },
      responses: { 200: { description: "Without their values", content: { "application/json": { schema: listed } } } },
    }),
    (context) => {
      const list = secrets.list(context.get("caller")).map((entry) => ({ ...entry, keys: [...entry.keys] }));
      return context.json({ secrets: list }, 200);
    },
  );
  api.route(
    { kind: "order", scope: "secrets" },
    createRoute({
      method: "put",
      path: "/v1/orders/{order}/secrets/{name}",
      summary: "Sets a secret: values that were sealed to the node's enclave key",
      request: {
        params: secretParam,
        body: { required: true, content: { "application/json": { schema: secretForm } } },
      },
      responses: { 204: { description: "It is kept; applications get it with their next deployment" } },
    }),
    (context) => {
      const { name } = context.req.valid("param");
      const { version, values } = context.req.valid("json");
      const sealed = Object.entries(values).map(([key, value]) => ({ key, sealed: Buffer.from(value, "base64") }));
      secrets.put(context.get("caller"), name, version, sealed);
      return context.body(null, 204);
    },
    { body: BODY },
  );
  api.route(
    { kind: "order", scope: "secrets" },
    createRoute({
      method: "delete",
      path: "/v1/orders/{order}/secrets/{name}",
      summary: "Deletes a secret",
      request: { params: secretParam },
      responses: { 204: { description: "It is deleted; applications that run keep it until they are deployed again" } },
    }),
    (context) => {
      secrets.delete(context.get("caller"), context.req.valid("param").name);
      return context.body(null, 204);
    },
  );
}
