import type { Logger } from "pino";

import type { AccessControl } from "./access/access.ts";
import type { GatewayConfig } from "./config/schema.ts";
import type { Hosting } from "./deployments/hosting.ts";
import type { TrustedProxies } from "./http/addresses.ts";
import type { Limits } from "./http/limits.ts";
import type { Metrics } from "./http/metrics.ts";
import type { Domains } from "./proxy/domains.ts";
import type { Endpoints } from "./proxy/endpoints.ts";
import { ApplicationDoor } from "./proxy/frontDoor.ts";

/** What the door to applications is made of. */
export interface DoorParts {
  readonly config: Pick<GatewayConfig, "origin" | "applicationsHost">;
  readonly access: Pick<AccessControl, "authorizeApp" | "links">;
  readonly endpoints: Endpoints;
  readonly hosting: Hosting;
  readonly domains: Domains;
  readonly trusted: TrustedProxies;
  readonly limits: Limits;
  readonly metrics: Metrics;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** Makes the door to applications, which lets in whom the chain lets in. */
export function assembleDoor(parts: DoorParts): ApplicationDoor {
  const { config, access, endpoints, hosting, domains, trusted, limits, metrics, now, log } = parts;
  return new ApplicationDoor({
    ...{ applicationsHost: config.applicationsHost, domain: (name) => domains.find(name), origin: config.origin },
    ...{ trusted, limits, metrics, now, logger: log },
    // Strangers ask for any number: the engine is asked about orders alone that have something here.
    endpoints: {
      of: async (order) => (hosting.present(order) === undefined ? [] : endpoints.of(order)),
      forget: (order) => {
        endpoints.forget(order);
      },
    },
    authorize: async (request, target) => {
      const caller = await access.authorizeApp(request, target);
      // After a reorganisation another order's application may still be under the number.
      if (caller !== undefined) hosting.requireOwn(caller);
      return caller;
    },
    redeem: async (order, token) => access.links.redeem(order, token, true),
  });
}
