import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import type { DeploymentMachine } from "./machine.ts";
import { receiptDocument } from "./receipts.ts";
import { acceptRequest, removeApplication, tryOut } from "./requests.ts";
import { shownApplication, shownDeployment, viewApplication } from "./views.ts";
import { forms } from "../../forms.ts";
import type { Api, ApiEnv } from "../http/api.ts";
import { requestFaults } from "../http/faults.ts";
import { Problem } from "../problems/problem.ts";
import { text } from "../../service/store/rows.ts";

const orderParam = z.object({ order: z.string() });
const flag = z.enum(["true", "false"]).transform((value) => value === "true");

/** A request to deploy. What of it is left out of the body, the token says: account, order and terms; and the gateway: node and origin. */
const requestForm = z.object({
  url: z.string().min(1).max(2_000),
  sha256: forms.hash.describe("SHA-256 of the manifest's bytes, 0x and 64 hexadecimal digits"),
  nonce: forms.hash.optional().describe("32 random bytes; not for a dry run, and neither are the next two"),
  until: z.number().int().positive().optional().describe("Unix seconds until which the request is good, at most a day ahead"),
  signature: z.string().min(1).max(10_000).optional().describe("EIP-712 signature over Deploy by the token's account"),
});
/** What a request has that is no dry run. */
const signedPart = z.object({ nonce: forms.hash, until: z.number(), signature: z.string() });

const json = (description: string) => ({ description, content: { "application/json": { schema: z.unknown() } } });

/** Adds what users do with their order's application. */
export function addDeploymentRoutes(api: Api, machine: DeploymentMachine): void {
  for (const method of ["post", "put"] as const) addDeploy(api, machine, method);
  api.route(
    { kind: "order", scope: "any" },
    createRoute({
      method: "get",
      path: "/v1/orders/{order}/deployment",
      summary: "How the order's application is",
      request: { params: orderParam },
      responses: { 200: json("The newest deployment, what runs, and how long it is kept") },
    }),
    async (context) => context.json(await viewApplication(machine, context.get("caller")), 200),
  );
  api.route(
    { kind: "order", scope: "deploy", afterEnd: true },
    createRoute({
      method: "delete",
      path: "/v1/orders/{order}/deployment",
      summary: "Removes the order's application",
      request: { params: orderParam, query: z.object({ volumes: flag.optional().describe("Whether volumes are removed too") }) },
      responses: { 202: json("It is being removed") },
    }),
    (context) => {
      const keepVolumes = context.req.valid("query").volumes !== true;
      const record = removeApplication(machine, context.get("caller"), keepVolumes);
      return context.json({ deployment: shownDeployment(record) }, 202);
    },
  );
  addReceipt(api, machine);
}

function addDeploy(api: Api, machine: DeploymentMachine, method: "post" | "put"): void {
  api.route(
    { kind: "order", scope: "deploy" },
    createRoute({
      method,
      path: "/v1/orders/{order}/deployment",
      summary: "Deploys the manifest at a URL, or tries that out",
      description: "A manifest that refers to secrets needs the scope `secrets` as well.",
      request: {
        params: orderParam,
        query: z.object({ dryRun: flag.optional().describe("Only says what would be deployed, or all that is wrong") }),
        body: { required: true, content: { "application/json": { schema: requestForm } } },
      },
      responses: {
        200: json("What a dry run found, or what runs already or is on its way"),
        202: json("The deployment is on its way"),
      },
    }),
    async (context) => {
      const { order, terms, account, scopes } = context.get("caller");
      const mayUseSecrets = scopes.has("secrets");
      const { url, sha256, ...signed } = context.req.valid("json");
      const asked = { order, terms, url, sha256: sha256.slice(2) };
      if (context.req.valid("query").dryRun === true) {
        const application = await tryOut(machine, { ...asked, mayUseSecrets }, context.req.raw.signal);
        return context.json({ application: shownApplication(application) }, 200);
      }
      const { success, data, error } = signedPart.safeParse(signed);
      if (!success) {
        throw new Problem("invalid-request", "The request is not signed", { errors: requestFaults(error) });
      }
      const { signature, ...rest } = data;
      const request = { ...asked, ...rest, account };
      const { deployment, isNew } = await acceptRequest(machine, request, signature, mayUseSecrets);
      context.header("location", `/v1/orders/${String(order)}/deployment`);
      return context.json({ deployment: shownDeployment(deployment) }, isNew ? 202 : 200);
    },
    { limit: "deploy" },
  );
}

function addReceipt(api: Api, machine: DeploymentMachine): void {
  api.route(
    { kind: "order", scope: "any" },
    createRoute({
      method: "get",
      path: "/v1/orders/{order}/receipt",
      summary: "The provider's signed statement of what it has deployed last",
      request: { params: orderParam },
      responses: { 200: { description: "The receipt", content: { "application/json": { schema: receiptDocument } } } },
    }),
    (context) => context.json(receiptOf(machine, context), 200),
  );
}

function receiptOf({ parts }: DeploymentMachine, context: Context<ApiEnv>): z.infer<typeof receiptDocument> {
  const { order, terms } = context.get("caller");
  const row = parts.database.get(
    `SELECT document FROM receipt JOIN deployment ON deployment.id = receipt.deployment
     WHERE order_id = ? AND terms = ? ORDER BY deployment DESC LIMIT 1`,
    ...[order, terms],
  );
  if (row !== undefined) return receiptDocument.parse(JSON.parse(text(row, "document")));
  throw new Problem("receipt-not-found", `Order ${String(order)} has no receipt`);
}
