import type { Context } from "hono";

import type { ApiEnv } from "./api.ts";
import { Problem } from "../problems/problem.ts";

/** Where the codes are explained. */
const BASE = "urn:computing-power:problem:";

/** Answers with a problem, as RFC 9457 says; what is none is `internal`, without a word of what it was. */
export function answerProblem(error: unknown, context: Context<ApiEnv>): Response {
  const problem = error instanceof Problem ? error : new Problem("internal", "Something unforeseen happened");
  const { status, title, hint } = problem.type;
  const body = {
    type: BASE + problem.code,
    title,
    status,
    detail: problem.detail,
    code: problem.code,
    hint,
    requestId: context.get("requestId"),
    ...(problem.errors.length === 0 ? {} : { errors: problem.errors }),
  };
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (problem.retryAfter !== undefined) headers.set("retry-after", String(Math.ceil(problem.retryAfter)));
  return new Response(JSON.stringify(body), { status, headers });
}
