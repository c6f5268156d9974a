import type { Credential, Grant } from "./credential.ts";
import type { Delegation, Delegations } from "./delegations.ts";
import type { Caller, Scope } from "./scopes.ts";
import { notLive } from "../chain/notLive.ts";
import type { OrderReader, OrderView } from "../chain/orders.ts";
import { Problem } from "../problems/problem.ts";

/** What is asked of a credential. */
export interface Demand {
  readonly order: number;
  /** With `any`, whatever scope it has. */
  readonly scope: Scope | "any";
  /** Whether an order's user may do so for a while after it has ended, though it is more than reading. */
  readonly afterEnd?: boolean | undefined;
}

/** What is asked before anybody is let in. */
export interface AuthorityOptions {
  readonly reader: OrderReader;
  readonly delegations: Pick<Delegations, "check">;
  /** The gateway's node. */
  readonly node: number;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Seconds for which an order's user may read what is kept of it, and have it removed, after it has ended. */
const LEFT_AFTER_END = 7 * 86_400;
const ENDED: readonly OrderView["status"][] = ["Stopped", "Closing", "Closed"];
const READING: readonly Demand["scope"][] = ["any", "logs"];

/** An order of this gateway's node, as the chain has it now. */
export async function readOwnOrder(
  { reader, node }: Pick<AuthorityOptions, "reader" | "node">,
  order: number,
): Promise<OrderView> {
  const view = await reader.read(order);
  if (view?.node === node) return view;
  throw new Problem("order-not-found", `Node ${String(node)} has no order ${String(order)}`);
}

/** Whether an order's user is an account, or has delegated the order to it; whatever the scopes. */
export function isEntitled({ id, user }: OrderView, account: string, delegation: Delegation | undefined): boolean {
  if (user === account) return true;
  return delegation?.delegate === account && delegation.order === id && delegation.user === user;
}

/** Checks that an account, or whoever signed its delegation, is an order's user and meant this very order. */
export function checkUser(view: OrderView, account: string, { terms, delegation }: Omit<Grant, "scopes">): void {
  if (view.termsHash !== terms) {
    throw new Problem("wrong-terms", `Order ${String(view.id)} has the terms ${view.termsHash}, not ${terms}`);
  }
  const user = delegation?.user ?? account;
  if (view.user !== user) throw new Problem("not-the-user", `Order ${String(view.id)} is not of ${user}`);
}

/** The second at which an order has stopped, or will: a live one may run dry before the next block says so. */
function endOf({ status, isLive, stopAt = Infinity, runway, block }: OrderView): number | undefined {
  if (isLive) return Math.min(stopAt, block.time + runway);
  return ENDED.includes(status) && stopAt !== Infinity ? stopAt : undefined;
}

function checkLife(view: OrderView, { scope, afterEnd = READING.includes(scope) }: Demand, now: number): void {
  const end = endOf(view);
  if (end !== undefined && view.isLive && now < end) return;
  if (end !== undefined && afterEnd && now - end <= LEFT_AFTER_END) return;
  throw notLive(view);
}

/** Checks that a credential has been given what is asked for, without a look at the chain. */
function grantFor({ grants }: Credential, { order, scope }: Demand): Grant {
  const grant = grants.find((each) => each.order === order);
  if (grant === undefined) throw new Problem("wrong-order", `The token is not for order ${String(order)}`);
  const isEnough = scope === "any" ? grant.scopes.size > 0 : grant.scopes.has(scope);
  if (isEnough) return grant;
  const given = grant.scopes.size === 0 ? "no scope" : [...grant.scopes].join(", ");
  throw new Problem("missing-scope", `This needs the scope ${scope}; the token has ${given}`);
}

/**
 * Decides whether a credential may be used so now: what it was given for, what its delegation says, and what the chain says, in this order.
 *
 * @throws {Problem} `wrong-order`, `missing-scope`, `delegation-expired`, `delegation-revoked`, `order-not-found`, `wrong-terms`, `not-the-user`,
 *   `order-not-live`, `chain-unreachable`.
 */
export async function authorize(options: AuthorityOptions, credential: Credential, demand: Demand): Promise<Caller> {
  const grant = grantFor(credential, demand);
  if (grant.delegation !== undefined) options.delegations.check(grant.delegation);
  const view = await readOwnOrder(options, demand.order);
  checkUser(view, credential.account, grant);
  checkLife(view, demand, Math.floor(options.now() / 1000));
  const { account, expiresAt } = credential;
  return { account, order: demand.order, terms: grant.terms, scopes: grant.scopes, expiresAt };
}
