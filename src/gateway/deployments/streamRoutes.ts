import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import type { LogStore } from "./logStore.ts";
import type { DeploymentMachine } from "./machine.ts";
import type { Notice } from "../../service/notice.ts";
import type { OrderName } from "./records.ts";
import type { Access, Api, ApiEnv, Guard } from "../http/api.ts";
import { cursorOf, eventStream, type ServerEvent, type StreamOptions } from "../http/events.ts";
import { watchRights, type LastingRights } from "../http/lastingRights.ts";
import { Problem } from "../problems/problem.ts";

/** What streams are made with. */
export interface StreamParts {
  readonly machine: DeploymentMachine;
  readonly logs: LogStore;
  readonly streams: Pick<StreamOptions, "closing" | "slots" | "heartbeat">;
  /** Is asked again while somebody follows. */
  readonly rights: { readonly guard: Guard } & Pick<LastingRights, "now" | "every">;
}

/** What is read at once. */
const PAGE = 500;
const LONGEST_TAIL = 5_000;
/** Milliseconds after which the database is looked at again in any case. */
const LOOK = 5_000;

const orderParam = z.object({ order: z.string() });
const flag = z.enum(["true", "false"]).transform((value) => value === "true");
const follow = flag.optional().describe("Whether to wait for what comes, as text/event-stream");
const after = z.string().optional().describe("Only what comes after this cursor; the header Last-Event-ID counts before it");

/** Something that has an ascending number. */
interface Numbered {
  readonly id: number;
}

/** Reads what follows a number, and waits for more, until the signal aborts. */
async function* following<T extends Numbered>(
  event: string,
  first: readonly T[],
  from: number,
  { read, notice, signal }: { readonly read: (id: number) => T[]; readonly notice: Notice; readonly signal: AbortSignal },
): AsyncGenerator<ServerEvent, void, undefined> {
  let at = from;
  let page: readonly T[] = first;
  while (!signal.aborted) {
    for (const each of page) {
      at = each.id;
      yield { id: String(at), event, data: each };
    }
    page = read(at);
    if (page.length > 0) continue;
    await notice.wait(LOOK, signal);
    page = read(at);
  }
}

/** Answers with a stream that ends when the caller's rights do. */
function followed(
  context: Context<ApiEnv>,
  access: Access,
  source: (signal: AbortSignal) => AsyncIterable<ServerEvent>,
  { streams, rights: { guard, ...clock } }: Pick<StreamParts, "streams" | "rights">,
): Response {
  const over = new AbortController();
  let stop: (() => void) | undefined;
  const watched = (signal: AbortSignal): AsyncIterable<ServerEvent> => {
    const { expiresAt } = context.get("caller");
    const rights = { ...clock, expiresAt, again: async () => guard(access, context) };
    stop = watchRights(rights, () => {
      over.abort();
    });
    return source(signal);
  };
  const closing = AbortSignal.any([streams.closing, over.signal]);
  return eventStream(context, watched, { ...streams, closing, ended: () => stop?.() });
}

/** The number that a cursor stands for. */
function numberOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new Problem("invalid-request", "The cursor is not one that this gateway gave");
}

/** Adds what is read of an order's events and logs, from any point on. Both outlive the application by a week. */
export function addStreamRoutes(api: Api, parts: StreamParts): void {
  addEvents(api, parts);
  addLogs(api, parts);
}

function addEvents(api: Api, parts: StreamParts): void {
  const { events } = parts.machine;
  const access = { kind: "order", scope: "any" } as const;
  api.route(
    access,
    createRoute({
      method: "get",
      path: "/v1/orders/{order}/events",
      summary: "What has happened to the order's application",
      request: { params: orderParam, query: z.object({ after, follow }) },
      responses: { 200: { description: "A page as JSON, or a stream of events" } },
    }),
    (context) => {
      const name = nameOf(context.get("caller"));
      const from = numberOf(cursorOf(context)) ?? 0;
      const read = (id: number) => events.after(name, id, PAGE);
      if (context.req.valid("query").follow === true) {
        const { notice } = events;
        return followed(context, access, (signal) => following("event", [], from, { read, notice, signal }), parts);
      }
      const page = read(from);
      return context.json({ events: page, cursor: String(page.at(-1)?.id ?? from) }, 200);
    },
  );
}

function addLogs(api: Api, parts: StreamParts): void {
  const { logs } = parts;
  const access = { kind: "order", scope: "logs" } as const;
  const tail = z
    .string()
    .regex(/^\d{1,4}$/, "not a number of lines")
    .transform(Number)
    .pipe(z.number().max(LONGEST_TAIL))
    .optional()
    .describe("So many of the newest lines first, where no cursor is given");
  const sinceSeconds = z
    .string()
    .regex(/^\d{1,9}$/, "not a number of seconds")
    .transform(Number)
    .optional()
    .describe("Only what was written in so many seconds until now");
  api.route(
    access,
    createRoute({
      method: "get",
      path: "/v1/orders/{order}/logs",
      summary: "What the application's containers have written",
      request: {
        params: orderParam,
        query: z.object({ after, follow, tail, sinceSeconds, workload: z.string().min(1).max(253).optional() }),
      },
      responses: { 200: { description: "A page as JSON, or a stream of lines" } },
    }),
    (context) => {
      const name = nameOf(context.get("caller"));
      const { follow: isFollowed, tail: lines, sinceSeconds: seconds, workload } = context.req.valid("query");
      const since = seconds === undefined ? undefined : parts.machine.parts.now() - seconds * 1000;
      const from = numberOf(cursorOf(context));
      const read = (id: number) => logs.after(name, id, { workload, since, limit: PAGE });
      const first =
        from === undefined && lines !== undefined
          ? logs.newest(name, { workload, since, limit: lines })
          : read(from ?? 0);
      if (isFollowed === true) {
        const { notice } = logs;
        const source = (signal: AbortSignal) => following("log", first, from ?? 0, { read, notice, signal });
        return followed(context, access, source, parts);
      }
      return context.json({ lines: first, cursor: String(first.at(-1)?.id ?? from ?? 0) }, 200);
    },
  );
}

function nameOf({ order, terms }: OrderName): OrderName {
  return { order, terms };
}
