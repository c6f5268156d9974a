import { authorize, type AuthorityOptions } from "./authority.ts";
import { accessTokensOf } from "./cookies.ts";
import type { Credential } from "./credential.ts";
import { bearerOf, type Credentials } from "./credentials.ts";
import { isSessionToken } from "./ownTokens.ts";
import type { Caller } from "./scopes.ts";
import { isWalletToken } from "./walletToken.ts";
import { DELEGATION_HEADER } from "../../eip712/access.ts";
import { Problem } from "../problems/problem.ts";

/** What lets into applications is decided by this. */
export interface AppAccessOptions extends AuthorityOptions {
  readonly credentials: Credentials;
}

/** A request for an application, as far as it matters here. */
export interface AppRequest {
  readonly method: string;
  readonly header: (name: string) => string | undefined;
  /** The origin that the request was sent to, such as `https://order-7-web.apps.node.example`. */
  readonly origin: string;
}

/** What is asked for. */
export interface AppTarget {
  readonly order: number;
  /** Whether the user lets anybody in. */
  readonly isPublic: boolean;
}

/** The header in which a token can be sent where the application wants `authorization` for itself. Never handed to the application. */
export const TOKEN_HEADER = "computing-power-token";

/** Whether an `authorization` header is for the gateway, and so must not be handed to the application. */
export function isForGateway(authorization: string | undefined): boolean {
  const token = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
  return token !== undefined && (isWalletToken(token) || isSessionToken(token));
}

/**
 * Whether a browser sends a request by its cookie because of another page than the application's own. Other orders' applications are of the same
 * site, so cookies alone do not tell.
 */
function isForged({ method, header, origin }: AppRequest): boolean {
  const from = header("origin");
  if (from !== undefined) return from !== origin;
  const site = header("sec-fetch-site");
  if (site === undefined || site === "same-origin" || site === "none") return false;
  return !(method === "GET" && header("sec-fetch-mode") === "navigate");
}

async function credentialOf(options: AppAccessOptions, request: AppRequest): Promise<Credential> {
  const delegation = request.header(DELEGATION_HEADER);
  const own = request.header(TOKEN_HEADER);
  if (own !== undefined) return options.credentials.read({ token: bearerOf(`Bearer ${own}`), delegation });
  const authorization = request.header("authorization");
  if (isForGateway(authorization)) return options.credentials.read({ token: bearerOf(authorization), delegation });
  return cookieCredential(options, request);
}

/** The first good one of a request's cookies. */
async function cookieCredential(options: AppAccessOptions, request: AppRequest): Promise<Credential> {
  let refused = new Problem("unauthenticated", "The request has neither a token nor a cookie of this application");
  // No more than a browser would send by itself: each is a signature to check.
  for (const token of accessTokensOf(request.header("cookie")).slice(0, 4)) {
    if (isForged(request))
      throw new Problem("unauthenticated", "Another page makes the browser send this, so its cookie does not count");
    try {
      return await options.credentials.readOwn("cookie", token);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      refused = error;
    }
  }
  throw refused;
}

/**
 * Decides whether a request may go to an application: anybody's where the user has made the service public, else by the scope `access`.
 *
 * @returns Who asks; undefined where nobody needs to be known.
 * @throws {Problem} As the guard of the API.
 */
export async function authorizeApp(
  options: AppAccessOptions,
  request: AppRequest,
  { order, isPublic }: AppTarget,
): Promise<Caller | undefined> {
  if (isPublic) return undefined;
  return authorize(options, await credentialOf(options, request), { order, scope: "access" });
}
