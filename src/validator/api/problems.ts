import type { ProblemTable, ProblemType } from "../../gateway/problems/problemType.ts";

/** Every refusal of a validator's API, by its code. */
export const validatorProblems = {
  "invalid-request": {
    status: 400,
    title: "The request is not well formed.",
    hint: "Correct what `detail` says.",
  },
  unauthenticated: {
    status: 401,
    title: "This is for other validators alone.",
    hint: "Sign the request with the key of a seat, as `authorization: Seat ...`.",
  },
  "invalid-signature": {
    status: 401,
    title: "The request is not signed by the seat that it names, for this validator.",
    hint: "Check the address of this validator in the configuration of whoever asks: a request for another one is not taken.",
  },
  "wrong-time": {
    status: 401,
    title: "The request was signed too long ago, or in the future.",
    hint: "Set the clocks of both machines.",
  },
  "nonce-used": {
    status: 401,
    title: "The request was taken already.",
    hint: "Sign a new one.",
  },
  "not-a-validator": {
    status: 403,
    title: "The account is not an active validator.",
    hint: "Join first, or wait until the stake counts: `validator show`.",
  },
  "route-not-found": {
    status: 404,
    title: "There is nothing at this address.",
    hint: "Check the path.",
  },
  "not-kept": {
    status: 404,
    title: "This validator does not have it.",
    hint: "Ask another one.",
  },
  "wrong-place": {
    status: 409,
    title: "It was made for another chain or another deployment.",
    hint: "Compare the addresses with those of GET /v1/status.",
  },
  "not-bound": {
    status: 409,
    title: "The quote is not bound to the node's next registration.",
    hint: "Make a new quote: `node quote`.",
  },
  "wrong-height": {
    status: 409,
    title: "The block of this height is not signed.",
    hint: "Ask for a height that `detail` names.",
  },
  "not-signing": {
    status: 503,
    title: "The validator signs nothing now.",
    hint: "Ask another validator; GET /v1/status says whether this one signs.",
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
    title: "The validator cannot read the chain.",
    hint: "Try again in a moment, or ask another validator.",
  },
  "storage-unavailable": {
    status: 503,
    title: "The validator cannot write to its database.",
    hint: "Nothing was done. Try again in a moment, or ask another validator.",
  },
  internal: {
    status: 500,
    title: "The validator failed.",
    hint: "Ask another validator.",
  },
} as const satisfies ProblemTable;

/** The stable code of a refusal. */
export type ValidatorProblemCode = keyof typeof validatorProblems;

/** A refusal that whoever asked is told of, as RFC 9457 says. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: ValidatorProblemCode;
  /** What happened this time, with the values; nothing internal. */
  readonly detail: string;
  /** Seconds after which to try again. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ValidatorProblemCode,
    detail: string,
    { retryAfter, ...options }: ErrorOptions & { readonly retryAfter?: number } = {},
  ) {
    super(`${code}: ${detail}`, options);
    [this.code, this.detail, this.retryAfter] = [code, detail, retryAfter];
  }

  get type(): ProblemType {
    return validatorProblems[this.code];
  }
}

/** The answer that a refusal is. */
export function refusalResponse({ code, detail, type, retryAfter }: Refusal): Response {
  const { status, title, hint } = type;
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (retryAfter !== undefined) headers.set("retry-after", String(Math.ceil(retryAfter)));
  const body = { type: `urn:computing-power:validator-problem:${code}`, title, status, detail, code, hint };
  return new Response(JSON.stringify(body), { status, headers });
}
