import { isIP } from "node:net";

import { applicationHost } from "../access/links.ts";
import type { OrderName } from "../deployments/records.ts";

/** A name that is to have a certificate. */
export interface WantedName {
  readonly name: string;
  /** The order whose name it is; undefined for the gateway's own host. */
  readonly order: OrderName | undefined;
  /** Whether it is a host below `applicationsHost`. */
  readonly isHost: boolean;
  /** Whether a certificate is asked for: that of an application which does not run now is only kept. */
  readonly isServed: boolean;
}

/** An order whose application is deployed. */
export interface DeployedOrder extends OrderName {
  /** Whether the application is to run now. */
  readonly isRunning: boolean;
  readonly services: readonly string[];
}

/** What names are found with. */
export interface WantedOptions {
  readonly origin: string;
  readonly applicationsHost: string | undefined;
  readonly namesPerOrder: number;
  readonly deployed: () => readonly DeployedOrder[];
  /** An order's own domains. */
  readonly domains: (order: OrderName) => readonly string[];
  /** Whether a certificate that the provider has installed is good for a name. */
  readonly isCovered: (name: string) => boolean;
}

/** Whether a CA could give a certificate for a host: it has a name, with a dot in it. */
export const isPublicName = (host: string): boolean => isIP(host) === 0 && !host.startsWith("[") && host.includes(".");

/** The names that are to have a certificate of their own: the gateway's host, then those of each order. */
export function wantedNames(options: WantedOptions): readonly WantedName[] {
  const { origin, deployed, isCovered } = options;
  const own = { name: new URL(origin).hostname, order: undefined, isHost: false, isServed: true };
  const names = [own, ...deployed().flatMap((order) => namesOf(order, options))];
  return names.filter(({ name }) => isPublicName(name) && !isCovered(name));
}

function namesOf(
  { order, terms, isRunning, services }: DeployedOrder,
  { applicationsHost, namesPerOrder, domains, isCovered }: WantedOptions,
): readonly WantedName[] {
  const name = { order, terms };
  const hosts =
    applicationsHost === undefined
      ? []
      : services.map((service) => applicationHost(order, service, applicationsHost.toLowerCase()));
  return [
    ...domains(name).map((domain) => ({ name: domain, isHost: false })),
    ...hosts.map((host) => ({ name: host, isHost: true })),
  ]
    .filter((each) => !isCovered(each.name))
    .slice(0, namesPerOrder)
    .map((each) => ({ ...each, order: name, isServed: isRunning }));
}
