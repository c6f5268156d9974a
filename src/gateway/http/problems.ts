import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";

import type { ApiEnv } from "./api.ts";
import { Problem } from "../problems/problem.ts";

/** Where the codes are explained. */
const BASE = "urn:computing-power:problem:";

/** SQLite's codes for a database that another process holds, and for a disk without room. */
const [SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL] = [5, 6, 13] as const;

/** A failure of the machine's that whoever asks can be told of; undefined where it is none. */
function machineProblem(error: unknown): Problem | undefined {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  if (code === "ENOSPC") return new Problem("storage-full", "There is no room on the disk", { cause: error });
  if (code !== "ERR_SQLITE_ERROR" || typeof errcode !== "number") return undefined;
  // The low byte is the kind; the others say where.
  const kind = errcode & 0xff;
  if (kind === SQLITE_FULL) return new Problem("storage-full", "There is no room on the disk", { cause: error });
  const isHeld = kind === SQLITE_BUSY || kind === SQLITE_LOCKED;
  return isHeld
    ? new Problem("storage-unavailable", "Another process holds the database", { cause: error, retryAfter: 2 })
    : undefined;
}

/** What of a thrown value is told: problems as they are; of anything else, not a word of what it was. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // What the framework refuses, it does before any of our code runs: a body that is no JSON, or of another type.
  if (error instanceof HTTPException && error.status < 500) {
    return new Problem("invalid-request", "The body cannot be read as this route needs it", { cause: error });
  }
  const known = typeof error === "object" && error !== null ? machineProblem(error) : undefined;
  return known ?? new Problem("internal", "Something unforeseen happened", { cause: error });
}

/** A problem as RFC 9457 writes it. */
export function problemDocument(problem: Problem, requestId: string | undefined): object {
  const { status, title, hint } = problem.type;
  return {
    type: BASE + problem.code,
    title,
    status,
    detail: problem.detail,
    code: problem.code,
    hint,
    requestId,
    ...(problem.errors.length === 0 ? {} : { errors: problem.errors }),
  };
}

/** The answer that a problem is; see {@link answerProblem}. */
export function problemResponse(problem: Problem, requestId: string | undefined): Response {
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (problem.retryAfter !== undefined) headers.set("retry-after", String(Math.ceil(problem.retryAfter)));
  if (problem.type.status === 401) headers.set("www-authenticate", 'Bearer realm="computing-power"');
  return new Response(JSON.stringify(problemDocument(problem, requestId)), { status: problem.type.status, headers });
}

/**
 * Answers with a problem, as RFC 9457 says; what is none is `internal`, without a word of what it was.
 *
 * @param unforeseen Told of what is `internal`.
 */
export function answerProblem(
  error: unknown,
  context: Context<ApiEnv>,
  unforeseen?: (error: unknown, context: Context<ApiEnv>) => void,
): Response {
  const problem = problemOf(error);
  if (problem.code === "internal") unforeseen?.(error, context);
  return problemResponse(problem, context.get("requestId"));
}
