/** What a token may be used for. Any of them allows to read the order's status, usage and billing as well. */
export const SCOPES = ["deploy", "logs", "access", "secrets"] as const;

/** One of the scopes. */
export type Scope = (typeof SCOPES)[number];

/** The scopes among some words; what this version does not know is ignored, so that newer clients can be served. */
export function knownScopes(words: Iterable<string>): ReadonlySet<Scope> {
  const wanted = new Set(words);
  return new Set(SCOPES.filter((scope) => wanted.has(scope)));
}

/** Who asks, once its token was checked against the chain. */
export interface Caller {
  /** The account that signed in or signed the token: the order's user, or its delegate. */
  readonly account: string;
  readonly order: number;
  /** The order's terms hash. */
  readonly terms: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Unix seconds. */
  readonly expiresAt: number;
}
