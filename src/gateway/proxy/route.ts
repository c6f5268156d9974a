import type { RequestTarget } from "./requestTarget.ts";

/** The service of an order that a request is for. */
export interface Route {
  readonly order: number;
  readonly service: string;
  /** Which of its ports, by name or number; the first where it is undefined. */
  readonly port: string | undefined;
  /** What stands before the application's own path: empty where it has an origin of its own. */
  readonly prefix: string;
  /** What the application is asked for. */
  readonly path: string;
}

/** How requests find applications. */
export interface RoutingOptions {
  /** Host under which each service has a host of its own. */
  readonly applicationsHost: string | undefined;
  /** The service that a user's own domain leads to. */
  readonly domain: (host: string) => { readonly order: number; readonly service: string } | undefined;
}

/** Order numbers that are safe to count with. */
const ORDER = "[1-9]\\d{0,14}";
const HOST = new RegExp(`^order-(?<order>${ORDER})-(?<service>[a-z][a-z0-9-]{0,39})$`);
const PATH = new RegExp(
  `^(?<prefix>/v1/orders/(?<order>${ORDER})/app/(?<service>[a-z][a-z0-9-]{0,39})(?::(?<port>[a-z0-9-]{1,15}))?)(?<rest>/.*)?$`,
);

const PATH_BEGIN = new RegExp(`^/v1/orders/${ORDER}/app/`);

/** A host without its port and the dot of the root, in lower case. */
export function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}

/** What follows the order in a host of its own; undefined where it is no host of an application. */
function labelOf(name: string, applicationsHost: string | undefined): string | undefined {
  const suffix = `.${applicationsHost?.toLowerCase() ?? ""}`;
  return applicationsHost !== undefined && name.endsWith(suffix) ? name.slice(0, -suffix.length) : undefined;
}

/** Whether a request is for an application, or for nobody: by its host, or by how its path begins. */
export function isOfApplications(host: string, url: string, { applicationsHost, domain }: RoutingOptions): boolean {
  const name = hostName(host);
  return labelOf(name, applicationsHost) !== undefined || domain(name) !== undefined || PATH_BEGIN.test(url);
}

/**
 * The application that a request is for.
 *
 * - A host such as `order-7-web.apps.node.example` is a service's own: everything there is the application's.
 * - So is a user's own domain.
 * - The path `/v1/orders/7/app/web/...` is the application's on every other host; `web:admin` is its port of that name or number.
 *
 * @param host The request's only Host.
 * @returns Undefined where it is for the gateway itself. `"nothing"`, where it is for an application's host that none can have.
 */
export function routeOf(
  host: string,
  { path }: RequestTarget,
  { applicationsHost, domain }: RoutingOptions,
): Route | "nothing" | undefined {
  const name = hostName(host);
  const label = labelOf(name, applicationsHost);
  if (label !== undefined) {
    const groups = HOST.exec(label)?.groups;
    return groups === undefined ? "nothing" : { ...named(groups), prefix: "", path };
  }
  const own = domain(name);
  if (own !== undefined) return { ...own, port: undefined, prefix: "", path };
  const groups = PATH.exec(path)?.groups;
  return groups === undefined
    ? undefined
    : { ...named(groups), prefix: groups["prefix"] ?? "", path: groups["rest"] ?? "" };
}

function named({
  order,
  service,
  port,
}: Readonly<Record<string, string | undefined>>): Pick<Route, "order" | "service" | "port"> {
  return { order: Number(order), service: service ?? "", port };
}
