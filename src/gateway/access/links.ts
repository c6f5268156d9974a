import { authorize, type AuthorityOptions } from "./authority.ts";
import { accessCookie } from "./cookies.ts";
import type { Credential } from "./credential.ts";
import type { Credentials } from "./credentials.ts";
import type { OnceOnly } from "./onceOnly.ts";
import { issueToken, readToken, type OwnTokenOptions, type Target } from "./ownTokens.ts";
import { Problem } from "../problems/problem.ts";

/** What links are made and redeemed with. */
export interface LinkOptions extends OwnTokenOptions, AuthorityOptions {
  readonly once: OnceOnly;
  readonly credentials: Pick<Credentials, "checkNotEnded">;
  /** Host under which each order has an origin of its own; undefined where applications have a path of the gateway's origin. */
  readonly applicationsHost: string | undefined;
}

/** Seconds in which a link must be opened. */
const LINK_LIFE = 120;
/** Seconds for which a browser that opened one is let in; the chain is asked all the while. */
const COOKIE_LIFE = 3_600;

/** Seconds after a credential's own end at which the last of what was made by it has ended, too. */
export const LAST_CHILD_ENDS_AFTER = LINK_LIFE + COOKIE_LIFE;

/** The path below which an application is reached on the gateway's own origin. */
export function applicationPath(order: number, service: string): string {
  return `/v1/orders/${String(order)}/app/${service}`;
}

/** The host of a service that has an origin of its own. */
export function applicationHost(order: number, service: string, applicationsHost: string): string {
  return `order-${String(order)}-${service}.${applicationsHost}`;
}

/** The path of a link on a host of an application. */
export const LINK_PATH = "/.well-known/computing-power/links/";

/** An address that lets whoever opens it first into an application. */
export interface Link {
  readonly url: string;
  /** Unix seconds. */
  readonly expiresAt: number;
}

/** Makes one-time links, and lets in whoever opens one first. */
export class Links {
  readonly #options: LinkOptions;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Makes a link by a credential that the guard let pass with the scope `access`. */
  async issue({ id, account, grants }: Credential, order: number, target: Target): Promise<Link> {
    const access = grants
      .filter((grant) => grant.order === order && grant.scopes.has("access"))
      .map((grant) => ({ ...grant, scopes: new Set(["access"] as const) }));
    const contents = { account, grants: access, lifetime: LINK_LIFE, session: id, target };
    const { token, expiresAt } = await issueToken(this.#options, "link", contents);
    const { applicationsHost, audience } = this.#options;
    if (applicationsHost === undefined) {
      return { url: `${audience.gateway}/v1/orders/${String(order)}/links/${token}`, expiresAt };
    }
    const { protocol, port } = new URL(audience.gateway);
    const host = applicationHost(order, target.service, applicationsHost);
    return { url: `${protocol}//${host}${port === "" ? "" : `:${port}`}${LINK_PATH}${token}`, expiresAt };
  }

  /**
   * Uses a link up.
   *
   * @param order The order in the address.
   * @param isOwnHost Whether the address is on a host of the application's own.
   * @returns The header that lets the browser in, and the path where it goes on.
   * @throws {Problem} `token-used` for everybody but the first, and what is said of tokens.
   */
  async redeem(
    order: number,
    token: string,
    isOwnHost: boolean,
  ): Promise<{ readonly cookie: string; readonly location: string }> {
    const { once, audience, credentials } = this.#options;
    const link = await readToken(this.#options, "link", token);
    credentials.checkNotEnded(link);
    await authorize(this.#options, link, { order, scope: "access" });
    if (link.target === undefined) throw new Problem("malformed-token", "The link leads nowhere");
    if (!once.use("link", link.tokenId, link.expiresAt)) throw new Problem("token-used", "The link was opened already");
    const { account, grants, id } = link;
    const contents = { account, grants, lifetime: COOKIE_LIFE, session: id };
    const cookie = await issueToken(this.#options, "cookie", contents);
    const prefix = isOwnHost ? "" : applicationPath(order, link.target.service);
    const isSecure = audience.gateway.startsWith("https:");
    const path = isOwnHost ? "/" : `/v1/orders/${String(order)}/app/`;
    return {
      cookie: accessCookie(cookie.token, { isSecure, path, lifetime: COOKIE_LIFE }),
      location: `${prefix}${link.target.path}`,
    };
  }
}
