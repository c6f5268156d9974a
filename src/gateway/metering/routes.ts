import { createRoute, z } from "@hono/zod-openapi";

import type { UsageStore } from "./usageStore.ts";
import { plainJson } from "../../json.ts";
import type { Billing } from "../chain/billing.ts";
import type { Api } from "../http/api.ts";

/** What the routes about usage and cost read. */
export interface MeteringSources {
  readonly usage: UsageStore;
  /** Reads the chain; throws Problems. */
  readonly billing: (order: number) => Promise<Billing>;
}

const PAGE = 1_000;
const orderParam = z.object({ order: z.string() });
const time = z
  .string()
  .regex(/^\d{1,15}$/, "not a time in Unix milliseconds")
  .transform(Number);

const json = (description: string) => ({
  200: { description, content: { "application/json": { schema: z.unknown() } } },
});

/** Adds what users ask about usage and cost. */
export function addMeteringRoutes(api: Api, { usage, billing }: MeteringSources): void {
  api.route(
    { kind: "order", scope: "any" },
    createRoute({
      method: "get",
      path: "/v1/orders/{order}/usage",
      summary: "What the application has used: in all, and sample by sample",
      request: { params: orderParam, query: z.object({ after: time.default(0) }) },
      responses: json(
        "CPU nanoseconds, bytes received and sent, byte-seconds of memory, GPU milliseconds; null where unknown",
      ),
    }),
    (context) => {
      const name = context.get("caller");
      const totals = usage.totals(name);
      const samples = usage.samples(name, context.req.valid("query").after, PAGE);
      return context.json({
        totals: plainJson(totals === undefined ? null : shownTotals(totals)),
        samples: plainJson(samples),
      });
    },
  );
  api.route(
    { kind: "order", scope: "any" },
    createRoute({
      method: "get",
      path: "/v1/orders/{order}/billing",
      summary: "What the order has cost and will cost, from the chain",
      request: { params: orderParam },
      responses: json("Amounts in base units, in decimal"),
    }),
    async (context) => context.json(plainJson(await billing(context.get("caller").order))),
  );
}

function shownTotals(totals: NonNullable<ReturnType<UsageStore["totals"]>>): object {
  const { sampledAt, cpuNanoseconds, received, sent, memoryByteSeconds, gpuMilliseconds } = totals;
  return {
    ...{ sampledAt, cpuNanoseconds, memoryByteSeconds },
    ...{ received: received ?? null, sent: sent ?? null, gpuMilliseconds: gpuMilliseconds ?? null },
  };
}
