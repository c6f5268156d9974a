import { hashMessage } from "ethers";

import type { OwnAudience } from "./audience.ts";
import { checkUser, isEntitled, readOwnOrder, type AuthorityOptions } from "./authority.ts";
import type { Grant } from "./credential.ts";
import type { Delegation, Delegations } from "./delegations.ts";
import type { Nonces } from "./nonces.ts";
import { issueToken, type IssuedToken, type OwnTokenOptions } from "./ownTokens.ts";
import { requestedOrders } from "./resources.ts";
import type { Scope } from "./scopes.ts";
import { checkSignature } from "./signatures.ts";
import { parseSiwe, SiweFault, type SiweMessage } from "./siwe.ts";
import type { AccountReader } from "../chain/accounts.ts";
import { Problem } from "../problems/problem.ts";

/** What signing in needs. */
export interface LoginOptions extends OwnTokenOptions, Pick<AuthorityOptions, "node"> {
  readonly reader: AuthorityOptions["reader"] & AccountReader;
  readonly nonces: Nonces;
  readonly delegations: Delegations;
}

/** Whether the chain names an account as the user of one of the orders, or as whom a user of one has delegated it to. */
async function mayUseSome(
  { reader, node }: LoginOptions,
  account: string,
  orders: readonly number[],
  delegation: Delegation | undefined,
): Promise<boolean> {
  for (const order of orders) {
    const view = await reader.read(order);
    if (view?.node === node && isEntitled(view, account, delegation)) return true;
  }
  return false;
}

/** Seconds that a session is good for at most. */
const SESSION_LIFE = 900;
/** Milliseconds by which clocks may differ. */
const SKEW = 60_000;

function parse(text: string): SiweMessage {
  try {
    return parseSiwe(text);
  } catch (error) {
    if (!(error instanceof SiweFault)) throw error;
    const errors = [{ detail: error.message, path: "message", line: error.line }];
    throw new Problem("invalid-request", "The message is not one of EIP-4361", { errors, cause: error });
  }
}

/** Checks that a message was written for this gateway. */
function checkAudience({ scheme, domain, uri, chainId }: SiweMessage, audience: OwnAudience): void {
  const own = new URL(audience.gateway);
  if (scheme !== undefined && `${scheme}:` !== own.protocol) {
    throw new Problem("wrong-audience", `The message is for ${scheme}, not ${own.protocol.slice(0, -1)}`);
  }
  if (domain !== own.host) throw new Problem("wrong-audience", `The message is for ${domain}, not ${own.host}`);
  if (!URL.canParse(uri) || new URL(uri).origin !== own.origin) {
    throw new Problem("wrong-audience", `The message's URI is ${uri}, not one of ${own.origin}`);
  }
  if (chainId !== audience.chainId) {
    throw new Problem("wrong-audience", `The message is for chain ${String(chainId)}, not ${String(audience.chainId)}`);
  }
}

function checkTimes({ issuedAt, expiresAt, notBefore }: SiweMessage, now: number): void {
  const from = Math.max(issuedAt, notBefore ?? issuedAt);
  if (from > now + SKEW) {
    throw new Problem(
      "token-not-yet-valid",
      `The message is good from ${new Date(from).toISOString()}, and it is ${new Date(now).toISOString()}`,
    );
  }
  if (expiresAt !== undefined && expiresAt <= now - SKEW) {
    throw new Problem("token-expired", `The message was good until ${new Date(expiresAt).toISOString()}`);
  }
  if (issuedAt < now - SKEW - SESSION_LIFE * 1000) {
    throw new Problem(
      "token-expired",
      `The message is of ${new Date(issuedAt).toISOString()}, and is good for ${String(SESSION_LIFE)} seconds`,
    );
  }
}

/** What a sign-in gives of one order. */
async function grantOf(
  options: LoginOptions,
  account: string,
  order: number,
  scopes: ReadonlySet<Scope>,
  delegation: Delegation | undefined,
): Promise<Grant> {
  const view = await readOwnOrder(options, order);
  if (view.user === account || delegation === undefined) {
    const grant = { order, terms: view.termsHash, scopes, delegation: undefined };
    checkUser(view, account, grant);
    return grant;
  }
  const grant = delegatedGrant(account, order, scopes, delegation);
  checkUser(view, account, grant);
  return grant;
}

/**
 * What a delegation gives an account of an order: of the scopes asked for, those that the user allowed.
 *
 * @throws {Problem} `invalid-delegation`, when it is for another account or another order.
 */
export function delegatedGrant(
  account: string,
  order: number,
  scopes: ReadonlySet<Scope>,
  delegation: Delegation,
): Grant {
  if (delegation.delegate !== account) {
    throw new Problem("invalid-delegation", `It is for ${delegation.delegate}, not ${account}`);
  }
  if (delegation.order !== order) {
    throw new Problem("invalid-delegation", `It is for order ${String(delegation.order)}, not ${String(order)}`);
  }
  const { hash, user, issuedAt, until, terms } = delegation;
  const allowed = new Set([...scopes].filter((scope) => delegation.scopes.has(scope)));
  return { order, terms, scopes: allowed, delegation: { hash, user, issuedAt, until } };
}

/** Seconds that a session is good for: no longer than the message, nor than the delegation. */
function lifetimeOf({ expiresAt }: SiweMessage, delegation: Delegation | undefined, now: number): number {
  const message = expiresAt === undefined ? Infinity : expiresAt + SKEW - now;
  const allowed = delegation === undefined ? Infinity : delegation.until * 1000 - now;
  return Math.max(1, Math.min(SESSION_LIFE, Math.floor(message / 1000), Math.floor(allowed / 1000)));
}

/**
 * Signs an account in by a message of EIP-4361: everything about the message is checked before its nonce is used up, and the nonce is used up
 * before a token is made.
 *
 * @param delegationHeader The header that carries a delegation, where the account is not the orders' user.
 * @throws {Problem} `invalid-request`, `wrong-audience`, `token-expired`, `token-not-yet-valid`, `invalid-nonce`, `invalid-signature`, and what
 *   concerns the orders and the delegation.
 */
export async function signIn(
  options: LoginOptions,
  text: string,
  signature: string,
  delegationHeader: string | undefined,
): Promise<IssuedToken & { readonly account: string; readonly grants: readonly Grant[] }> {
  const { audience, nonces, reader, now, delegations } = options;
  const message = parse(text);
  checkAudience(message, audience);
  checkTimes(message, now());
  nonces.check(message.nonce);
  const requested = requestedOrders(message.resources);
  const account = message.address;
  const delegation = delegationHeader === undefined ? undefined : await delegations.read(delegationHeader);
  await checkSignature(reader, account, hashMessage(text), signature, "the message", async () =>
    mayUseSome(options, account, [...requested.keys()], delegation),
  );
  const grants = await Promise.all(
    [...requested].map(async ([order, scopes]) => grantOf(options, account, order, scopes, delegation)),
  );
  nonces.use(message.nonce);
  const isDelegated = grants.some((grant) => grant.delegation !== undefined);
  const lifetime = lifetimeOf(message, isDelegated ? delegation : undefined, now());
  return { ...(await issueToken(options, "session", { account, grants, lifetime })), account, grants };
}
