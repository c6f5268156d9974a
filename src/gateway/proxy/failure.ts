import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { problemOf, writtenProblem } from "../http/problems.ts";
import { Problem } from "../problems/problem.ts";

/** Codes of connections that nobody accepts: the application does not listen yet, or no more. */
const NOT_LISTENING: ReadonlySet<unknown> = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN"]);

/** What is told of a connection to an application that failed; of what was inside, nothing. */
export function applicationFailure(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { code } = error as { readonly code?: unknown };
  if (NOT_LISTENING.has(code)) {
    return new Problem("application-unavailable", "The application accepts no connection", {
      cause: error,
      retryAfter: 2,
    });
  }
  return new Problem("application-unreachable", "The connection to the application broke", { cause: error });
}

/** A problem's head and body. */
function answerOf(
  error: unknown,
  requestId: string | undefined,
  accept: string | undefined,
): { problem: Problem; fields: [string, string][]; body: string } {
  const problem = problemOf(error);
  const { type, body } = writtenProblem(problem, requestId, accept);
  const fields: [string, string][] = [
    ["content-type", type],
    ["content-length", String(Buffer.byteLength(body))],
    ["cache-control", "no-store"],
    ["x-content-type-options", "nosniff"],
    ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
    ...(requestId === undefined ? [] : ([["x-request-id", requestId]] as [string, string][])),
  ];
  if (problem.retryAfter !== undefined) fields.push(["retry-after", String(Math.ceil(problem.retryAfter))]);
  if (problem.type.status === 401) fields.push(["www-authenticate", 'Bearer realm="computing-power"']);
  return { problem, fields, body };
}

/**
 * Answers with a problem. Where an answer has begun, its connection is cut instead, so that nobody takes a part for the whole.
 *
 * @returns The status that the client got; undefined where it got none.
 */
export function answerFailure(
  response: ServerResponse,
  error: unknown,
  requestId: string | undefined,
): number | undefined {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return undefined;
  }
  const { problem, fields, body } = answerOf(error, requestId, response.req.headers.accept);
  // What is left of the request's body is not read: the connection can carry no other request.
  if (!response.req.complete) response.shouldKeepAlive = false;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(problem.type.status, fields.flat());
  response.end(body);
  return problem.type.status;
}

/** Answers a request to upgrade with a problem, and closes its connection. */
export function refuseUpgrade(socket: Duplex, error: unknown, requestId: string | undefined): number {
  const { problem, fields, body } = answerOf(error, requestId, undefined);
  const lines = [...fields, ["connection", "close"]].map(([name, value]) => `${name ?? ""}: ${value ?? ""}`);
  socket.end(`HTTP/1.1 ${String(problem.type.status)} ${problem.code}\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
  return problem.type.status;
}
