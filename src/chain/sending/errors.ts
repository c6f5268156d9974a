import { InputError } from "../../inputError.ts";

/** Why nothing was sent: the chain refuses the transaction as things stand. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
}

/** A transaction that was mined, paid for, and did nothing. */
export class RevertedError extends Error {
  override readonly name = "RevertedError";
}

/** Why an account sends nothing: something else sends with its key. */
export class KeyInUseError extends InputError {}

/** Why a sender says nothing of an intention any more: it is closed. What is under way is kept, and goes on at the next start. */
export class SenderClosedError extends Error {
  override readonly name = "SenderClosedError";
}
