import type { ProblemTable } from "./problemType.ts";

/** Problems of who may do what. */
export const accessProblems = {
  unauthenticated: {
    status: 401,
    title: "This needs a token of the order.",
    hint: "Send `authorization: Bearer ...` with a session's token from /v1/auth/login, or one that the wallet signed itself.",
  },
  "malformed-token": {
    status: 401,
    title: "The token cannot be read.",
    hint: "Send the token as it was issued or signed; make a new one if that is lost.",
  },
  "invalid-signature": {
    status: 401,
    title: "The signature is not that of the account that it names.",
    hint: "Sign again with that account, in the domain of this chain and its OrderEscrow.",
  },
  "token-expired": {
    status: 401,
    title: "What was signed has expired.",
    hint: "Sign in again, or have the wallet sign a new token; check the clock if it is new.",
  },
  "token-not-yet-valid": {
    status: 401,
    title: "What was signed is not valid yet.",
    hint: "Check the clock of the machine that signed it.",
  },
  "token-lasts-too-long": {
    status: 401,
    title: "The token is good for longer than tokens may be.",
    hint: "Have the wallet sign one for at most 900 seconds.",
  },
  "token-used": {
    status: 401,
    title: "This was used already, and is good for one use.",
    hint: "Ask for a new one.",
  },
  "wrong-audience": {
    status: 401,
    title: "What was signed is for another gateway, node or chain.",
    hint: "Sign for what GET /v1/info of this gateway says; never send a token to a gateway that it is not for.",
  },
  "session-ended": {
    status: 401,
    title: "The session was ended.",
    hint: "Sign in again.",
  },
  "invalid-nonce": {
    status: 401,
    title: "The sign-in's nonce is not one that this gateway gave out lately, or was used before.",
    hint: "Ask POST /v1/auth/nonce for a new one and sign again.",
  },
  "wrong-terms": {
    status: 401,
    title: "The order with this number has other terms than the token names.",
    hint: "Read the order from the chain again: after a reorganisation another order may have its number.",
  },
  "invalid-delegation": {
    status: 401,
    title: "The delegation does not allow this.",
    hint: "Ask the order's user for one to this account, for this order and these scopes.",
  },
  "delegation-expired": {
    status: 401,
    title: "The delegation has expired or is not valid yet.",
    hint: "Ask the order's user for a new one.",
  },
  "delegation-revoked": {
    status: 401,
    title: "The order's user has withdrawn the delegation.",
    hint: "Ask the order's user for a new one.",
  },
  "too-many-revocations": {
    status: 409,
    title: "Too many delegations were withdrawn one by one.",
    hint: "Withdraw all that were issued before a time, by `before`.",
  },
  "wrong-order": {
    status: 403,
    title: "The token is for another order.",
    hint: "Use the token of this order.",
  },
  "missing-scope": {
    status: 403,
    title: "The token does not allow this.",
    hint: "Sign in again with the scope that `detail` names.",
  },
  "not-the-user": {
    status: 403,
    title: "The order belongs to another account.",
    hint: "Sign with the order's user, or ask that account for a delegation.",
  },
  "order-not-live": {
    status: 403,
    title: "The order does not stream: it is not active, or its deposit is used up.",
    hint: "Top the order up if its deposit is used up; if it is closed, open another one. `order show` says which.",
  },
  "operators-only": {
    status: 403,
    title: "This is for the gateway's operator alone.",
    hint: "Ask from the machine itself, or send the operator's token.",
  },
  "order-not-found": {
    status: 404,
    title: "This node serves no such order.",
    hint: "Check the order's number and its node; an order that was just opened is there with its block.",
  },
} as const satisfies ProblemTable;
