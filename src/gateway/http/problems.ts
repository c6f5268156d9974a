import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";

import type { ApiEnv } from "./api.ts";
import { Problem } from "../problems/problem.ts";
import { storageProblem } from "../store/database.ts";
import { storageError } from "../../service/store/storageErrors.ts";

/** Where the codes are explained. */
const BASE = "urn:computing-power:problem:";

/** A failure of the machine's that whoever asks can be told of; undefined where it is none. */
function machineProblem(error: unknown): Problem | undefined {
  const isFull = error instanceof Error && "code" in error && error.code === "ENOSPC";
  if (isFull) return new Problem("storage-full", "There is no room on the disk", { cause: error });
  const failure = storageError(error, "gateway");
  return failure && storageProblem(failure);
}

/** What of a thrown value is told: problems as they are; of anything else, not a word of what it was. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // What the framework refuses, it does before any of our code runs: a body that is no JSON, or of another type.
  if (error instanceof HTTPException && error.status < 500) {
    return new Problem("invalid-request", "The body cannot be read as this route needs it", { cause: error });
  }
  return machineProblem(error) ?? new Problem("internal", "Something unforeseen happened", { cause: error });
}

/** A problem as RFC 9457 writes it. */
export function problemDocument(problem: Problem, requestId: string | undefined): object {
  const { status, title } = problem.type;
  return {
    type: BASE + problem.code,
    title,
    status,
    detail: problem.detail,
    code: problem.code,
    hint: problem.hint,
    requestId,
    ...(problem.errors.length === 0 ? {} : { errors: problem.errors }),
  };
}

/**
 * Writes a problem for whoever asked: as a document, as RFC 9457 says, or in plain sentences for a person before a browser.
 *
 * @param accept What the request's header `accept` says: pages are what browsers alone ask for.
 */
export function writtenProblem(
  problem: Problem,
  requestId: string | undefined,
  accept: string | undefined,
): { readonly type: string; readonly body: string } {
  if (accept === undefined || !accept.includes("text/html")) {
    return { type: "application/problem+json", body: JSON.stringify(problemDocument(problem, requestId)) };
  }
  const { code, detail, hint, errors, type } = problem;
  const lines = [type.title, `${detail}.`, ...errors.map((fault) => `- ${fault.detail}`), hint];
  const named = `(${code}${requestId === undefined ? "" : `, request ${requestId}`})`;
  return { type: "text/plain; charset=utf-8", body: `${lines.join("\n")}\n\n${named}\n` };
}

/** The answer that a problem is; see {@link answerProblem}. */
export function problemResponse(problem: Problem, requestId: string | undefined, accept?: string): Response {
  const { type, body } = writtenProblem(problem, requestId, accept);
  const headers = new Headers({ "content-type": type, vary: "accept" });
  if (problem.retryAfter !== undefined) headers.set("retry-after", String(Math.ceil(problem.retryAfter)));
  if (problem.type.status === 401) headers.set("www-authenticate", 'Bearer realm="computing-power"');
  return new Response(body, { status: problem.type.status, headers });
}

/**
 * Answers with a problem, as RFC 9457 says; what is none is `internal`, without a word of what it was.
 *
 * @param unforeseen Told of what is `internal`.
 */
export function answerProblem(
  error: unknown,
  context: Context<ApiEnv>,
  unforeseen?: (error: unknown) => void,
): Response {
  const problem = problemOf(error);
  if (problem.code === "internal") unforeseen?.(error);
  return problemResponse(problem, context.get("requestId"), context.req.header("accept"));
}
