/** What a problem means, in RFC 9457's terms. */
export interface ProblemType {
  /** HTTP status of the answer. */
  readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 413 | 415 | 421 | 422 | 429 | 500 | 502 | 503 | 504 | 507;
  /** What happened, in one sentence without values. */
  readonly title: string;
  /** What to do next. */
  readonly hint: string;
}

/** Every problem that the gateway answers with, by its code. docs/gateway.md has this table. */
export const problemTypes = {
  "invalid-request": {
    status: 400,
    title: "The request is not well formed.",
    hint: "Correct what `errors` lists; /openapi.json says what the request may contain.",
  },
  "route-not-found": {
    status: 404,
    title: "There is nothing at this address.",
    hint: "See /docs for the gateway's routes.",
  },
  "body-too-large": {
    status: 413,
    title: "The request's body is larger than this route accepts.",
    hint: "Send at most what `detail` says.",
  },
  "rate-limited": {
    status: 429,
    title: "Too many requests.",
    hint: "Wait as long as the Retry-After header says, then try again.",
  },
  "chain-unreachable": {
    status: 503,
    title: "The gateway cannot read the chain, so it cannot tell who may do this.",
    hint: "Running applications keep running. Try again in a moment.",
  },
  "storage-unavailable": {
    status: 503,
    title: "The gateway cannot write to its database.",
    hint: "Nothing was done. Try again in a moment; if it persists, tell the provider.",
  },
  "storage-full": {
    status: 507,
    title: "The gateway's disk is full.",
    hint: "Nothing was done. Tell the provider.",
  },
  internal: {
    status: 500,
    title: "The gateway failed.",
    hint: "Tell the provider the request id.",
  },
} as const satisfies Readonly<Record<string, ProblemType>>;

/** The stable code of a problem. */
export type ProblemCode = keyof typeof problemTypes;
