import { accessProblems } from "./accessProblems.ts";
import { applicationProblems } from "./applicationProblems.ts";
import { manifestProblems } from "./manifestProblems.ts";
import type { ProblemTable } from "./problemType.ts";
import { transferProblems } from "./transferProblems.ts";

export type { ProblemType } from "./problemType.ts";

/** Problems that any request can end with. */
const generalProblems = {
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
    title: "The gateway's disk has no room.",
    hint: "Nothing was done. Try again later; if it persists, tell the provider.",
  },
  internal: {
    status: 500,
    title: "The gateway failed.",
    hint: "Tell the provider the request id.",
  },
} as const satisfies ProblemTable;

/** Every problem that the gateway answers with, by its code. docs/gateway.md has this table. */
export const problemTypes = {
  ...generalProblems,
  ...accessProblems,
  ...manifestProblems,
  ...applicationProblems,
  ...transferProblems,
} as const satisfies ProblemTable;

/** The stable code of a problem. */
export type ProblemCode = keyof typeof problemTypes;
