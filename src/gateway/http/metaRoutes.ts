import { z } from "@hono/zod-openapi";

import type { Api } from "./api.ts";
import { DOCS_POLICY, docsPage, type ApiDocument } from "./docsPage.ts";
import type { Metrics } from "./metrics.ts";
import type { ReadinessProbe } from "../../service/readiness.ts";
import { SCOPES } from "../access/scopes.ts";
import type { OwnAudience } from "../access/audience.ts";

/** What the gateway says about itself. */
export interface MetaOptions {
  readonly audience: OwnAudience;
  /** Version of this software. */
  readonly version: string;
  readonly applicationsHost: string | undefined;
  readonly orchestrator: "podman" | "kubernetes";
  readonly readiness: Pick<ReadinessProbe, "look">;
  readonly metrics: Metrics;
}

const info = z
  .object({
    version: z.string(),
    chainId: z.number().int(),
    orderEscrow: z.string(),
    node: z.number().int(),
    origin: z.string(),
    applicationsHost: z.string().optional(),
    orchestrator: z.enum(["podman", "kubernetes"]),
    scopes: z.array(z.string()),
  })
  .openapi("Info");

const readiness = z
  .object({ isReady: z.boolean(), checks: z.record(z.string(), z.enum(["ok", "failing"])) })
  .openapi("Readiness");

/** The API's description in OpenAPI 3.1. */
export function describeApi(api: Api, version: string, origin: string): ApiDocument {
  return api.app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Computing Power gateway",
      version,
      description: "Deploys, guards and meters the applications of a node's orders.",
    },
    servers: [{ url: origin }],
  }) as unknown as ApiDocument;
}

/** Adds what tells about the gateway itself. Added last, it describes all routes. */
export function addMetaRoutes(api: Api, options: MetaOptions): void {
  addHealthRoutes(api, options);
  addReferenceRoutes(api, options);
  const { audience, version, applicationsHost, orchestrator, metrics } = options;
  api.route(
    { kind: "open" },
    {
      method: "get",
      path: "/v1/info",
      summary: "What tokens for this gateway name, and what it is.",
      responses: { 200: { description: "The gateway", content: { "application/json": { schema: info } } } },
    },
    (context) => {
      const { chainId, orderEscrow, node, gateway } = audience;
      const body = { version, chainId, orderEscrow, node, origin: gateway, orchestrator, scopes: [...SCOPES] };
      return context.json(applicationsHost === undefined ? body : { ...body, applicationsHost }, 200);
    },
  );
  api.route(
    { kind: "operator" },
    {
      method: "get",
      path: "/metrics",
      summary: "Metrics for Prometheus.",
      responses: { 200: { description: "Metrics", content: { "text/plain": { schema: z.string() } } } },
    },
    async (context) => context.text(await metrics.registry.metrics(), 200),
  );
}

function addHealthRoutes(api: Api, { readiness: probe }: MetaOptions): void {
  api.route(
    { kind: "open" },
    {
      method: "get",
      path: "/healthz",
      summary: "Whether the process answers.",
      responses: { 200: { description: "It does", content: { "text/plain": { schema: z.string() } } } },
    },
    (context) => context.text("ok", 200),
  );
  const content = { "application/json": { schema: readiness } };
  api.route(
    { kind: "open" },
    {
      method: "get",
      path: "/readyz",
      summary: "Whether the gateway can serve: chain, database, orchestrator.",
      responses: { 200: { description: "It can", content }, 503: { description: "Something is failing", content } },
    },
    async (context) => {
      const found = await probe.look();
      const body = { isReady: found.isReady, checks: { ...found.checks } };
      return found.isReady ? context.json(body, 200) : context.json(body, 503);
    },
  );
}

function addReferenceRoutes(api: Api, { audience, version }: MetaOptions): void {
  let known: ApiDocument | undefined;
  const described = (): ApiDocument => (known ??= describeApi(api, version, audience.gateway));
  api.route(
    { kind: "open" },
    {
      method: "get",
      path: "/openapi.json",
      summary: "This API in OpenAPI 3.1.",
      responses: { 200: { description: "The document", content: { "application/json": { schema: z.unknown() } } } },
    },
    (context) => context.json(described() as object, 200),
  );
  api.route(
    { kind: "open" },
    {
      method: "get",
      path: "/docs",
      summary: "This API as a page.",
      responses: { 200: { description: "The page", content: { "text/html": { schema: z.string() } } } },
    },
    (context) => context.html(docsPage(described()), 200, { "content-security-policy": DOCS_POLICY }),
  );
}
