import { createHash, timingSafeEqual } from "node:crypto";

import type { Secret } from "../../service/config/secret.ts";
import { isLoopback } from "../ipAddress.ts";
import { Problem } from "../problems/problem.ts";

/** What is looked at of a request that claims to be the operator's. */
export interface OperatorRequest {
  /** The address that the connection comes from. */
  readonly peer: string;
  readonly header: (name: string) => string | undefined;
}

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();

/** What a proxy or a browser adds: what comes through one is not from the machine itself. */
const FOREIGN = ["forwarded", "x-forwarded-for", "x-real-ip", "via", "origin", "sec-fetch-site", "referer"];
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

function isFromHere({ peer, header }: OperatorRequest): boolean {
  return (
    isLoopback(peer) && LOCAL_HOST.test(header("host") ?? "") && FOREIGN.every((name) => header(name) === undefined)
  );
}

/**
 * Checks that a request is the operator's: by the operator's token; where none is configured, by a connection from the machine itself that came
 * neither through a proxy nor from a page in a browser.
 *
 * @throws {Problem} `operators-only`.
 */
export function checkOperator(request: OperatorRequest, token: Secret | undefined): void {
  if (token === undefined) {
    if (isFromHere(request)) return;
    throw new Problem("operators-only", "The request is not from the machine itself");
  }
  const given = /^Bearer (\S+)$/i.exec(request.header("authorization") ?? "")?.[1] ?? "";
  if (timingSafeEqual(digestOf(given), digestOf(token.reveal()))) return;
  throw new Problem("operators-only", "The request does not have the operator's token");
}
