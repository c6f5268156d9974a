import { OpenAPIHono, type RouteConfig, type RouteHandler } from "@hono/zod-openapi";
import type { Context } from "hono";

import { requestFaults } from "./faults.ts";
import { answerProblem } from "./problems.ts";
import type { Caller, Scope } from "../access/scopes.ts";
import { Problem } from "../problems/problem.ts";

/**
 * Who may use a route. There is no route without an answer to this.
 *
 * - `open`: anybody.
 * - `order`: who holds a token of the order in the path, `{order}`, with this scope; with `any`, of whatever scope.
 * - `signed`: anybody, because the body carries signatures that the handler checks.
 * - `operator`: the provider, from the machine itself or by the operator's token.
 */
export type Access =
  | { readonly kind: "open" }
  | { readonly kind: "order"; readonly scope: Scope | "any" }
  | { readonly kind: "signed" }
  | { readonly kind: "operator" };

/** What middleware tells handlers. */
export interface ApiEnv {
  Variables: {
    requestId: string;
    /** The client's address, as the trusted proxies say. */
    clientAddress: string;
    /** Set for routes of access `order`. */
    caller: Caller;
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

  constructor(guard: Guard) {
    this.#guard = guard;
    this.app.onError((error, context) => answerProblem(error, context));
    this.app.notFound((context) =>
      answerProblem(new Problem("route-not-found", `No route ${context.req.method} ${context.req.path}`), context),
    );
  }

  /** Adds a route, guarded before anything of the request is read. */
  route<R extends RouteConfig>(access: Access, definition: R, handler: RouteHandler<R, ApiEnv>): void {
    this.routes.push({ method: definition.method, path: definition.path, access });
    const guarded = {
      ...definition,
      middleware: [
        async (context: Context<ApiEnv>, next: () => Promise<void>) => {
          await this.#guard(access, context);
          await next();
        },
      ],
      getRoutingPath: () => definition.path.replaceAll(/\/\{([^}]+)\}/g, "/:$1"),
    };
    this.app.openapi(guarded, handler as never);
  }
}
