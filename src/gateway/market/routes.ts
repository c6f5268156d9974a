import { z } from "@hono/zod-openapi";
import type { Context } from "hono";

import type { Api, ApiEnv } from "../http/api.ts";
import { answerPage } from "../../page/answer.ts";
import type { PageFiles } from "../../page/files.ts";

/** Where the page is, below the gateway's origin. */
export const MARKET_PATH = "/market/";

const file = z.string();
const content = { "text/html": { schema: z.string() } };
const responses = {
  200: { description: "The file", content },
  304: { description: "The client has it already" },
  404: { description: "There is no such file" },
} as const;

function answer(context: Context<ApiEnv>, files: PageFiles, path: string): Response {
  const header = (name: string): string | undefined => context.req.header(name);
  const { status, headers, body } = answerPage(files, { method: context.req.method, path, header });
  return new Response(status === 304 ? null : new Uint8Array(body), { status, headers });
}

/** Adds the page of the market, as files that anybody may read. */
export function addMarketRoutes(api: Api, files: PageFiles): void {
  const open = { kind: "open" } as const;
  const get = (path: string, summary: string) => ({ method: "get" as const, path: MARKET_PATH + path, summary });
  api.route(open, { ...get("", "The market as a page."), responses }, (context) => answer(context, files, "") as never);
  const named = { request: { params: z.object({ file }) }, responses };
  api.route(
    open,
    { ...get("{file}", "A file of the page, such as config.json, which says what it asks."), ...named },
    (context) => answer(context, files, context.req.valid("param").file) as never,
  );
  api.route(
    open,
    { ...get("assets/{file}", "A script, a style or a picture of the page."), ...named },
    (context) => answer(context, files, `assets/${context.req.valid("param").file}`) as never,
  );
  const moved = { 308: { description: "The page is below this path" } } as const;
  api.route(
    open,
    { method: "get", path: MARKET_PATH.slice(0, -1), summary: "Leads to the page.", responses: moved },
    (context) => context.redirect(MARKET_PATH, 308) as never,
  );
}
