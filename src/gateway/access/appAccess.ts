import { authorize, type AuthorityOptions, type Demand } from "./authority.ts";
import { accessTokensOf } from "./cookies.ts";
import type { Credential } from "./credential.ts";
import { bearerOf, type Credentials } from "./credentials.ts";
import { isSessionToken, namesOrder } from "./ownTokens.ts";
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

/** So many cookies of a request are tried: each is a signature to check. */
const MOST_COOKIES = 8;

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

/** The credential that a request's headers carry; undefined where they carry none. */
async function headerCredential(
  { credentials }: AppAccessOptions,
  { header }: AppRequest,
): Promise<Credential | undefined> {
  const delegation = header(DELEGATION_HEADER);
  const own = header(TOKEN_HEADER);
  if (own !== undefined) return credentials.read({ token: bearerOf(`Bearer ${own}`), delegation });
  const authorization = header("authorization");
  return isForGateway(authorization) ? credentials.read({ token: bearerOf(authorization), delegation }) : undefined;
}

/** The tokens of a request's cookies that are worth a look: those of the order first, whatever others have put before them. */
function likelyTokens(request: AppRequest, order: number): string[] {
  const tokens = accessTokensOf(request.header("cookie")).map((token) => ({ token, isOwn: namesOrder(token, order) }));
  return tokens
    .sort((one, other) => Number(other.isOwn) - Number(one.isOwn))
    .slice(0, MOST_COOKIES)
    .map(({ token }) => token);
}

/** Lets in by the first of a request's cookies that does; refuses as the likeliest of them was refused. */
async function authorizeByCookie(options: AppAccessOptions, request: AppRequest, demand: Demand): Promise<Caller> {
  const tokens = likelyTokens(request, demand.order);
  if (tokens.length > 0 && isForged(request))
    throw new Problem("unauthenticated", "Another page makes the browser send this, so its cookie does not count");
  let refused: Problem | undefined;
  for (const token of tokens) {
    try {
      return await authorize(options, await options.credentials.readOwn("cookie", token), demand);
    } catch (error) {
      // Who could not be asked about the one cannot be asked about the next.
      if (!(error instanceof Problem) || error.code === "chain-unreachable") throw error;
      refused ??= error;
    }
  }
  throw refused ?? new Problem("unauthenticated", "The request has neither a token nor a cookie of this application");
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
  const demand = { order, scope: "access" } as const;
  const credential = await headerCredential(options, request);
  return credential === undefined
    ? authorizeByCookie(options, request, demand)
    : authorize(options, credential, demand);
}
