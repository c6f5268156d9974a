import { join } from "node:path";

import { authorizeApp, type AppRequest, type AppTarget } from "./appAccess.ts";
import { OwnAudience } from "./audience.ts";
import { Credentials } from "./credentials.ts";
import { Delegations } from "./delegations.ts";
import { createGuard } from "./guard.ts";
import { TokenKeys } from "./keys.ts";
import { Links } from "./links.ts";
import { Nonces } from "./nonces.ts";
import { OnceOnly } from "./onceOnly.ts";
import { addAccessRoutes } from "./routes.ts";
import type { Caller } from "./scopes.ts";
import type { AccountReader } from "../chain/accounts.ts";
import type { OrderReader } from "../chain/orders.ts";
import type { Secret } from "../../service/config/secret.ts";
import type { Audience } from "../../eip712/access.ts";
import type { Api, Guard } from "../http/api.ts";
import type { Database } from "../../service/store/database.ts";

/** What deciding about access needs. */
export interface AccessOptions {
  readonly database: Database;
  readonly reader: OrderReader & AccountReader;
  readonly audience: Audience;
  /** Folder in which the keys of tokens are kept. */
  readonly folder: string;
  readonly applicationsHost: string | undefined;
  readonly operatorToken: Secret | undefined;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Decides who may do what. */
export interface AccessControl {
  readonly audience: OwnAudience;
  readonly guard: Guard;
  readonly links: Links;
  /** See the function of this name. */
  authorizeApp(request: AppRequest, target: AppTarget): Promise<Caller | undefined>;
  /** Adds the routes of this room. */
  addRoutes(api: Api): void;
}

/**
 * Puts together what decides about access.
 *
 * @throws {InputError} When the file of the tokens' keys is damaged, or others can read it.
 */
export function createAccess(options: AccessOptions): AccessControl {
  const { database, reader, folder, applicationsHost, operatorToken, now } = options;
  const audience = new OwnAudience(options.audience);
  const keys = new TokenKeys(join(folder, "token-keys.json"), now);
  const once = new OnceOnly(database, now);
  const delegations = new Delegations({ database, reader, audience, now });
  const nonces = new Nonces(keys.nonceSecret, once, now);
  const shared = { reader, audience, keys, once, delegations, node: audience.node, now };
  const credentials = new Credentials(shared);
  const links = new Links({ ...shared, credentials, applicationsHost });
  return {
    audience,
    links,
    guard: createGuard({ ...shared, credentials, operatorToken }),
    authorizeApp: async (request, target) => authorizeApp({ ...shared, credentials }, request, target),
    addRoutes: (api) => {
      addAccessRoutes(api, { ...shared, nonces, links });
    },
  };
}
