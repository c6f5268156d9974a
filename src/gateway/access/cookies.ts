/** Names of the cookie that lets a browser into an application: with the prefix wherever browsers hold to it, over https. */
export const ACCESS_COOKIES = ["__Secure-computing-power", "computing-power"] as const;

/** What a cookie is set for. */
export interface CookieOptions {
  readonly isSecure: boolean;
  /** Below which path it is sent. */
  readonly path: string;
  /** Seconds. */
  readonly lifetime: number;
}

/** The header `set-cookie` that lets a browser into an application: no script reads it, and no other host gets it. */
export function accessCookie(token: string, { isSecure, path, lifetime }: CookieOptions): string {
  const name = isSecure ? ACCESS_COOKIES[0] : ACCESS_COOKIES[1];
  const attributes = [`Path=${path}`, `Max-Age=${String(lifetime)}`, "HttpOnly", "SameSite=Lax"];
  return [`${name}=${token}`, ...attributes, ...(isSecure ? ["Secure"] : [])].join("; ");
}

/** Every cookie of a header, in order. */
function pairsOf(header: string): (readonly [name: string, text: string])[] {
  return header
    .split(";")
    .map((each) => each.trim())
    .filter((each) => each !== "")
    .map((each) => [each.split("=", 1)[0]?.trim() ?? "", each] as const);
}

const isOwn = (name: string): boolean => (ACCESS_COOKIES as readonly string[]).includes(name);

/** The tokens that a request's cookies carry; several, where an application has set one of the same name. */
export function accessTokensOf(header: string | undefined): string[] {
  return pairsOf(header ?? "")
    .filter(([name]) => isOwn(name))
    .map(([, text]) => text.slice(text.indexOf("=") + 1));
}

/** A request's cookies without the gateway's own, as an application may see them; undefined where none is left. */
export function withoutAccessCookies(header: string | undefined): string | undefined {
  const others = pairsOf(header ?? "").filter(([name]) => !isOwn(name));
  return others.length === 0 ? undefined : others.map(([, text]) => text).join("; ");
}
