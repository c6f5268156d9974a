import { knownScopes, type Scope } from "./scopes.ts";
import { Problem } from "../problems/problem.ts";

const PREFIX = "computing-power:order:";
const FORM = /^computing-power:order:([1-9]\d{0,14}):([a-z][a-z-]*(?:,[a-z][a-z-]*)*)$/;
/** Orders that one session can be for. */
const MOST_ORDERS = 16;

/** The resource by which a sign-in asks for scopes of an order, such as `computing-power:order:7:deploy,logs`. */
export function resourceOf(order: number, scopes: readonly string[]): string {
  return `${PREFIX}${String(order)}:${scopes.join(",")}`;
}

/**
 * The orders and scopes that a sign-in's resources ask for. Scopes that this version does not know are ignored, and so are resources of others.
 *
 * @throws {Problem} `invalid-request`, when one of ours is not well formed, or they name no order or too many.
 */
export function requestedOrders(resources: readonly string[]): ReadonlyMap<number, ReadonlySet<Scope>> {
  const words = new Map<number, string[]>();
  for (const resource of resources.filter((each) => each.startsWith("computing-power:"))) {
    const match = FORM.exec(resource);
    if (match === null) {
      throw new Problem(
        "invalid-request",
        `The resource ${resource} is not of the form ${resourceOf(7, ["deploy", "logs"])}`,
      );
    }
    const order = Number(match[1]);
    words.set(order, [...(words.get(order) ?? []), ...(match[2] ?? "").split(",")]);
  }
  if (words.size === 0 || words.size > MOST_ORDERS) {
    const example = resourceOf(7, ["deploy", "logs"]);
    throw new Problem(
      "invalid-request",
      `The resources name ${String(words.size)} orders, not 1 to ${String(MOST_ORDERS)}; one is named by ${example}`,
    );
  }
  return new Map([...words].map(([order, scopes]) => [order, knownScopes(scopes)]));
}
