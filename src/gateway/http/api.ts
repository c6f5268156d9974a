import { OpenAPIHono, z, type RouteConfig, type RouteHandler } from "@hono/zod-openapi";
import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import type { Logger } from "pino";

import { limitBody } from "./body.ts";
import { clientKey } from "./addresses.ts";
import { requestFaults } from "./faults.ts";
import type { LimitName, Limits } from "./limits.ts";
import { answerProblem } from "./problems.ts";
import { unreadBodies } from "./unreadBodies.ts";
import type { Credential } from "../access/credential.ts";
import type { Caller, Scope } from "../access/scopes.ts";
import { Problem } from "../problems/problem.ts";
import { failureLog } from "../../service/failureLog.ts";

/**
 * Who may use a route. There is no route without an answer to this.
 *
 * - `open`: anybody.
 * - `order`: who holds a token of the order in the path, `{order}`, with this scope; with `any`, of whatever scope. `any` and `logs` only read:
 *   they are good for a week after the order has ended. So is what is `afterEnd`, which may only take away what the order has left. `once`: each
 *   token is good for one use of such a route.
 * - `session`: who holds a token of any order.
 * - `signed`: anybody, because the body carries signatures that the handler checks.
 * - `operator`: the provider, from the machine itself or by the operator's token.
 */
export type Access =
  | { readonly kind: "open" }
  | { readonly kind: "order"; readonly scope: Scope | "any"; readonly once?: boolean; readonly afterEnd?: true }
  | { readonly kind: "session" }
  | { readonly kind: "signed" }
  | { readonly kind: "operator" };

/** What middleware tells handlers. */
export interface ApiEnv {
  Bindings: HttpBindings;
  Variables: {
    requestId: string;
    /** The client's address, as the trusted proxies say. */
    clientAddress: string;
    /** The address that the connection comes from. */
    peerAddress: string;
    /** Set for routes of access `order`. */
    caller: Caller;
    /** Set for routes of access `order` and `session`. */
    credential: Credential;
  };
}

/** Checks that whoever asks may use a route, and sets `caller`. Throws a Problem otherwise. */
export type Guard = (access: Access, context: Context<ApiEnv>) => Promise<void>;

/** A route that somebody may use, as {@link Api.routes} lists it. */
export interface GuardedRoute {
  readonly method: string;
  /** Its path as OpenAPI writes it. */
  readonly path: string;
  readonly access: Access;
}

/** How a route differs from most. */
export interface RouteOptions {
  /** A limit of its own: of the client for `login` and `fetch`, of the order for `deploy`; for `quote` that of `fetch`, then one of all clients. */
  readonly limit?: "login" | "fetch" | "deploy" | "quote";
  /** Bytes of the body at most; 64 KiB by default. `stream`: the handler reads and limits it itself. */
  readonly body?: number | "stream";
}

/** What stands around all routes. */
export interface ApiOptions {
  /** Run before every request, in order. */
  readonly middleware?: readonly MiddlewareHandler<ApiEnv>[];
  readonly limits?: Limits | undefined;
  /** Told of what was thrown and is no Problem, the same once a minute. */
  readonly log?: Logger;
}

const DEFAULT_BODY = 65_536;

/** The form of a problem, for the API's description. */
const problemForm = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string().describe("Stable; docs/gateway.md lists all"),
    hint: z.string().describe("What to do next"),
    requestId: z.string(),
    errors: z
      .array(
        z.object({
          detail: z.string(),
          path: z.string().optional(),
          line: z.number().int().optional(),
          column: z.number().int().optional(),
        }),
      )
      .optional(),
  })
  .openapi("Problem");

/** Who may use a route, in words. */
function describe(access: Access): string {
  switch (access.kind) {
    case "order":
      return access.scope === "any"
        ? "Needs a token of the order."
        : `Needs a token of the order with the scope \`${access.scope}\`${access.afterEnd === true ? ", also for a week after the order has ended" : ""}.`;
    case "session":
      return "Needs a token.";
    case "operator":
      return "For the gateway's operator alone.";
    case "signed":
      return "Needs no token: the request carries signatures.";
    case "open":
      return "Needs no token.";
  }
}

/** The gateway's HTTP interface: rooms add their routes, each with who may use it. */
export class Api {
  readonly app = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success)
        throw new Problem("invalid-request", "The request is not well formed", { errors: requestFaults(result.error) });
    },
  });
  readonly routes: GuardedRoute[] = [];
  readonly #guard: Guard;
  readonly #limits: Limits | undefined;

  constructor(guard: Guard, { middleware = [], limits, log }: ApiOptions = {}) {
    this.#guard = guard;
    this.#limits = limits;
    this.app.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
    for (const each of [unreadBodies, ...middleware]) this.app.use("*", each);
    const failed = log && failureLog(log, "a request failed");
    this.app.onError((error, context) =>
      answerProblem(error, context, (unforeseen) => {
        failed?.(unforeseen, { requestId: context.get("requestId") });
      }),
    );
    this.app.notFound((context) =>
      answerProblem(
        new Problem("route-not-found", `There is no route ${context.req.method} ${context.req.path}`),
        context,
      ),
    );
  }

  /**
   * Adds a route, guarded before anything of the request's body is read.
   *
   * @throws {TypeError} For a route of an order whose path names none.
   */
  route<R extends RouteConfig>(
    access: Access,
    definition: R,
    handler: RouteHandler<R, ApiEnv>,
    { limit, body = DEFAULT_BODY }: RouteOptions = {},
  ): void {
    if (access.kind === "order" && !definition.path.includes("/{order}")) {
      throw new TypeError(`${definition.path} is for holders of an order's token, but names no {order}`);
    }
    this.routes.push({ method: definition.method, path: definition.path, access });
    const needsToken = access.kind === "order" || access.kind === "session";
    const guarded = {
      ...definition,
      description: [definition.description, describe(access)].filter((each) => each !== undefined).join("\n\n"),
      security: needsToken ? [{ bearer: [] }] : [],
      responses: {
        ...definition.responses,
        default: {
          description: "A problem, as RFC 9457 has it",
          content: { "application/problem+json": { schema: problemForm } },
        },
      },
      middleware: [this.#admission(access, limit), ...(body === "stream" ? [] : [limitBody(body)])],
      getRoutingPath: () => definition.path.replaceAll(/\/\{([^}]+)\}/g, "/:$1"),
    };
    this.app.openapi(guarded, handler as never);
  }

  /** Lets in who may use a route, as often as is allowed. */
  #admission(access: Access, limit: RouteOptions["limit"]): MiddlewareHandler<ApiEnv> {
    return async (context, next) => {
      const ofClient = limit === "quote" ? "fetch" : limit;
      if (ofClient === "login" || ofClient === "fetch") this.#count(ofClient, clientKey(context.get("clientAddress")));
      if (limit === "quote") this.#count(limit, "all");
      await this.#guard(access, context);
      if (access.kind === "order") {
        const { order } = context.get("caller");
        this.#count("order", String(order));
        if (limit === "deploy") this.#count(limit, String(order));
      }
      await next();
    };
  }

  #count(name: LimitName, key: string): void {
    this.#limits?.take(name, key);
  }
}
