import type { Context } from "hono";

import { authorize, type AuthorityOptions } from "./authority.ts";
import { bearerOf, type Credentials, type Presented } from "./credentials.ts";
import type { OnceOnly } from "./onceOnly.ts";
import { checkOperator } from "./operator.ts";
import type { Secret } from "../../service/config/secret.ts";
import { DELEGATION_HEADER } from "../../eip712/access.ts";
import type { Access, ApiEnv, Guard } from "../http/api.ts";
import { Problem } from "../problems/problem.ts";

/** What the guard decides by. */
export interface GuardOptions extends AuthorityOptions {
  readonly credentials: Pick<Credentials, "read">;
  readonly once: OnceOnly;
  readonly operatorToken: Secret | undefined;
}

/** The token and the delegation that a request's headers carry. Neither is ever taken from an address or a cookie. */
export function presentedBy(context: Context<ApiEnv>): Presented {
  return { token: bearerOf(context.req.header("authorization")), delegation: context.req.header(DELEGATION_HEADER) };
}

function orderOf(context: Context<ApiEnv>): number {
  const text = context.req.param("order") ?? "";
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new Problem("order-not-found", "An order is named by its number, from 1");
}

async function guardOrder(
  options: GuardOptions,
  { scope, once, afterEnd }: Extract<Access, { kind: "order" }>,
  context: Context<ApiEnv>,
): Promise<void> {
  const credential = await options.credentials.read(presentedBy(context));
  const caller = await authorize(options, credential, { order: orderOf(context), scope, afterEnd });
  // The last of all checks: what is refused for another reason uses nothing up.
  if (once === true && !options.once.use("token", credential.id, credential.expiresAt)) {
    throw new Problem("token-used", "The token was used here already; this route takes each token once");
  }
  context.set("credential", credential);
  context.set("caller", caller);
}

/** Makes the check that stands before every route. What it does not know, it refuses. */
export function createGuard(options: GuardOptions): Guard {
  return async (access, context) => {
    switch (access.kind) {
      case "open":
      case "signed":
        return;
      case "session":
        context.set("credential", await options.credentials.read(presentedBy(context)));
        return;
      case "order":
        await guardOrder(options, access, context);
        return;
      case "operator":
        checkOperator(
          { peer: context.get("peerAddress"), header: (name) => context.req.header(name) },
          options.operatorToken,
        );
        return;
      default:
        throw new Problem(
          "operators-only",
          `Nobody may use a route of access ${String((access as { kind: unknown }).kind)}`,
        );
    }
  };
}
