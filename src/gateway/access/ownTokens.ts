import { randomUUID } from "node:crypto";

import { decodeJwt, jwtVerify, SignJWT, type JWTPayload } from "jose";
import { z } from "zod";

import type { OwnAudience } from "./audience.ts";
import { decodeJson } from "./base64url.ts";
import type { Credential, Grant } from "./credential.ts";
import type { TokenKeys } from "./keys.ts";
import { knownScopes } from "./scopes.ts";
import { forms } from "../../forms.ts";
import { Problem, type ProblemOptions } from "../problems/problem.ts";
import type { ProblemCode } from "../problems/table.ts";

/**
 * What a token of the gateway is for; each is refused where another is wanted.
 *
 * - `session`: given at sign-in, sent as a bearer token.
 * - `link`: in the address of a one-time link.
 * - `cookie`: in a browser's cookie, good for applications alone.
 */
export type TokenUse = "session" | "link" | "cookie";

/** What tokens are made and checked with. */
export interface OwnTokenOptions {
  readonly keys: TokenKeys;
  readonly audience: OwnAudience;
  /** Unix milliseconds. */
  readonly now: () => number;
}

const ALGORITHM = "EdDSA";
const typeOf = (use: TokenUse): string => `computing-power-${use}+jwt`;

const count = z.number().int().nonnegative();

/** The claims of ours; claims that this version does not know are ignored. */
const claims = z.object({
  sub: forms.address,
  jti: z.string().min(1),
  session: z.string().min(1).optional(),
  target: z.object({ service: z.string(), path: z.string() }).optional(),
  exp: z.number(),
  orders: z.array(
    z.object({
      order: count,
      terms: forms.hash,
      scopes: z.array(z.string()),
      delegation: z.object({ hash: forms.hash, user: forms.address, issuedAt: count, until: count }).optional(),
    }),
  ),
});

function grantsOf(orders: z.infer<typeof claims>["orders"]): Grant[] {
  return orders.map(({ scopes, delegation, ...order }) => ({ ...order, scopes: knownScopes(scopes), delegation }));
}

/** A new token, and when it expires. */
export interface IssuedToken {
  readonly token: string;
  /** Unix seconds. */
  readonly expiresAt: number;
}

/** What a token is to say. */
export interface TokenContents {
  readonly account: string;
  readonly grants: readonly Grant[];
  /** Seconds that it is good for. */
  readonly lifetime: number;
  /** The credential that it was made by: when that is ended, so is this. */
  readonly session?: string | undefined;
  /** Where a link leads. */
  readonly target?: Target | undefined;
}

/** A place in an application. */
export interface Target {
  readonly service: string;
  /** Path with a leading slash, and what else follows it in an address. */
  readonly path: string;
}

/** A token of the gateway, once checked. */
export interface OwnToken extends Credential {
  /** Names this very token; `id` names the credential that it comes from. */
  readonly tokenId: string;
  readonly target: Target | undefined;
}

/** Signs a token. */
export async function issueToken(
  { keys, audience, now }: OwnTokenOptions,
  use: TokenUse,
  { account, grants, lifetime, session, target }: TokenContents,
): Promise<IssuedToken> {
  const issuedAt = Math.floor(now() / 1000);
  const expiresAt = issuedAt + lifetime;
  const key = keys.signing();
  const orders = grants.map(({ order, terms, scopes, delegation }) => ({
    order,
    terms,
    scopes: [...scopes],
    delegation,
  }));
  const token = await new SignJWT({ orders, session, target })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.id, typ: typeOf(use) })
    .setIssuer(audience.gateway)
    .setAudience(audience.claim)
    .setSubject(account)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(key.privateKey);
  return { token, expiresAt };
}

/** What jose says of a token, as we say it. */
function problemOf(error: unknown): Problem {
  const { code, claim } = error as { readonly code?: unknown; readonly claim?: unknown };
  const refuse = (problem: ProblemCode, detail: string, options?: ProblemOptions): Problem =>
    new Problem(problem, detail, options);
  if (error instanceof Problem) return error;
  if (code === "ERR_JWT_EXPIRED") return refuse("token-expired", "The token has expired");
  if (code === "ERR_JWS_SIGNATURE_VERIFICATION_FAILED") {
    return refuse("invalid-signature", "The gateway has not signed this token");
  }
  if (code === "ERR_JOSE_ALG_NOT_ALLOWED") {
    return refuse("malformed-token", `The token is signed by another algorithm than ${ALGORITHM}`);
  }
  if (code === "ERR_JWT_CLAIM_VALIDATION_FAILED") {
    if (claim === "aud" || claim === "iss")
      return refuse("wrong-audience", "The token is for another gateway, node or chain");
    if (claim === "nbf") return refuse("token-not-yet-valid", "The token is not valid yet");
  }
  return refuse("malformed-token", "It is no token of this kind", { cause: error });
}

async function verifiedPayload(
  { keys, audience, now }: OwnTokenOptions,
  use: TokenUse,
  token: string,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = keys.find(kid);
        if (key === undefined)
          throw new Problem("invalid-signature", "The token is signed by a key that this gateway does not have");
        return key;
      },
      {
        algorithms: [ALGORITHM],
        audience: audience.claim,
        issuer: audience.gateway,
        typ: typeOf(use),
        currentDate: new Date(now()),
        requiredClaims: ["exp", "nbf", "iat", "jti", "sub"],
      },
    );
    return payload;
  } catch (error) {
    throw problemOf(error);
  }
}

/**
 * Checks a token that the gateway has signed.
 *
 * @throws {Problem} `malformed-token`, `invalid-signature`, `wrong-audience`, `token-expired`, `token-not-yet-valid`.
 */
export async function readToken(options: OwnTokenOptions, use: TokenUse, token: string): Promise<OwnToken> {
  const parsed = claims.safeParse(await verifiedPayload(options, use, token));
  if (!parsed.success) throw new Problem("malformed-token", "The token says other things than this version writes");
  const { sub, jti, exp, orders, session, target } = parsed.data;
  return { id: session ?? jti, tokenId: jti, account: sub, expiresAt: exp, grants: grantsOf(orders), target };
}

/** Whether a text looks like a token of an order; its signature is another matter. */
export function namesOrder(token: string, order: number): boolean {
  try {
    const parsed = claims.safeParse(decodeJwt(token));
    return parsed.success && parsed.data.orders.some((grant) => grant.order === order);
  } catch {
    return false;
  }
}

/** The part of a token that was looked at last, and what it said: of all tokens that a key has signed for one use, it is the same. */
let lastHeader = { text: "", isOfSession: false };

/** Whether a text looks like a session's token; its signature is another matter. */
export function isSessionToken(token: string): boolean {
  const text = token.slice(0, Math.max(0, token.indexOf(".")));
  if (text !== lastHeader.text) {
    const header = decodeJson(text) as { readonly typ?: unknown } | null | undefined;
    lastHeader = { text, isOfSession: header?.typ === typeOf("session") };
  }
  return lastHeader.isOfSession;
}
