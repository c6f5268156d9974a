import { causesOf } from "../../causes.ts";

/**
 * What is wrong with an endpoint:
 * - `stale`: its newest block is too old.
 * - `wrong-chain`: it is of another chain.
 * - `reorganised`: the block that was read at is gone.
 * - `unknown-block`: it has no such block.
 * - `contradiction`: others agree about something else, or it contradicts itself.
 * - `malformed`: what it answers is not what was asked for.
 * - `deep-reorganisation`: it has another block where no reorganisation reaches any more.
 * - `rate-limited`: it is asked too often.
 */
export type FaultCode =
  | "stale"
  | "wrong-chain"
  | "reorganised"
  | "unknown-block"
  | "contradiction"
  | "malformed"
  | "deep-reorganisation"
  | "rate-limited";

/** Why an endpoint is not believed. Says nothing of its address. */
export class EndpointFault extends Error {
  override readonly name = "EndpointFault";
  readonly code: FaultCode;
  /** The HTTP status that says so, where one does. */
  readonly statusCode: number | undefined;

  constructor(code: FaultCode, detail: string, statusCode?: number) {
    super(detail);
    this.code = code;
    this.statusCode = statusCode;
  }
}

/** Whether the block that was read at is gone. */
export function isMoved(error: unknown): error is EndpointFault {
  return error instanceof EndpointFault && error.code === "reorganised";
}

/**
 * What an endpoint answers to a call that a stranger has made up. It says nothing of the endpoint: whoever writes the contract that is called decides
 * whether it can be run.
 */
export class UnrunError extends Error {
  override readonly name = "UnrunError";
}

/** The code of JSON-RPC that a node has answered with; undefined where none has. Hardhat says -1 where it knows of none. */
export function answeredCode(error: unknown): number | undefined {
  return causesOf(error)
    .map(({ code }) => code)
    .find((code): code is number => typeof code === "number" && code !== -1);
}

/** What is said of an endpoint's failure: nothing of its address, which may hold a key, and so none of its own words either. */
export function faultOf(error: unknown): string {
  if (error instanceof EndpointFault || error instanceof UnrunError) return error.message;
  const answered = answeredCode(error);
  if (answered !== undefined) return `it answered with the error ${String(answered)}`;
  const code = causesOf(error)
    .map((each) => each["code"])
    .find((each) => typeof each === "string");
  return code === undefined ? "it did not answer" : `it did not answer (${code})`;
}
