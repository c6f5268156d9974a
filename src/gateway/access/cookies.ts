/**
 * Names of the cookie that lets a browser into an application. By their prefixes browsers take the first from the very host alone, so that no
 * page of another host plants one, and the second over https alone.
 */
export const ACCESS_COOKIES = ["__Host-computing-power", "__Secure-computing-power", "computing-power"] as const;

/** What a cookie is set for. */
export interface CookieOptions {
  readonly isSecure: boolean;
  /** Below which path it is sent. */
  readonly path: string;
  /** Seconds. */
  readonly lifetime: number;
}

function nameFor({ isSecure, path }: CookieOptions): (typeof ACCESS_COOKIES)[number] {
  const [ofHost, overHttps, plain] = ACCESS_COOKIES;
  if (!isSecure) return plain;
  // Browsers take the prefix of hosts for a whole host alone.
  return path === "/" ? ofHost : overHttps;
}

/** The header `set-cookie` that lets a browser into an application: no script reads it, and no other host gets it. */
export function accessCookie(token: string, options: CookieOptions): string {
  const { isSecure, path, lifetime } = options;
  const attributes = [`Path=${path}`, `Max-Age=${String(lifetime)}`, "HttpOnly", "SameSite=Lax"];
  return [`${nameFor(options)}=${token}`, ...attributes, ...(isSecure ? ["Secure"] : [])].join("; ");
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

/** The tokens that a request's cookies carry, those first that are hardest to plant; several, where others have set some of the same names. */
export function accessTokensOf(header: string | undefined): string[] {
  const pairs = pairsOf(header ?? "");
  return ACCESS_COOKIES.flatMap((own) =>
    pairs.filter(([name]) => name === own).map(([, text]) => text.slice(text.indexOf("=") + 1)),
  );
}

/** A request's cookies without the gateway's own, as an application may see them; undefined where none is left. */
export function withoutAccessCookies(header: string | undefined): string | undefined {
  const others = pairsOf(header ?? "").filter(([name]) => !isOwn(name));
  return others.length === 0 ? undefined : others.map(([, text]) => text).join("; ");
}
