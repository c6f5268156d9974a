import { causesOf } from "../../causes.ts";
import { revertDataOf } from "../../revertData.ts";

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
 * Whether an error is what a contract says, and no fault of whom it was asked of. A revert without data is not told apart from an endpoint that
 * fails to run a call at all.
 */
export function isRevert(error: unknown): boolean {
  const data = revertDataOf(error);
  return data !== undefined && data !== "0x";
}

/** What is said of an endpoint's failure: nothing of its address, which may hold a key. */
export function faultOf(error: unknown): string {
  if (error instanceof EndpointFault) return error.message;
  const code = causesOf(error)
    .map((each) => each["code"])
    .find((each) => typeof each === "string");
  return code === undefined ? "it did not answer" : `it did not answer (${code})`;
}
