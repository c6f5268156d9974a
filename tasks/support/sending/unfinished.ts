import { SendingError, type Sending } from "./failures.ts";
import type { Followed } from "./follow.ts";

/** What a transaction that was not seen to be mined is to be told as, and why nothing more is done. */
export interface Unfinished {
  readonly fate: Pick<Sending, "status" | "block">;
  readonly error: SendingError;
}

/** What was sent. */
type Told = Pick<Sending, "hash" | "nonce">;

const nameOf = ({ hash, nonce }: Told): string =>
  hash === undefined ? `The transaction with the nonce ${String(nonce)}` : `The transaction ${hash}`;

/** How to look what has become of it. */
function lookFor({ hash, nonce }: Told): string {
  return hash === undefined
    ? `Look in an explorer for a transaction of the account with the nonce ${String(nonce)}; to send it again give --nonce ${String(nonce)}, so that only one of both counts.`
    : `Look again: \`tx wait ${hash}\`. Do not send it again before: it may still be mined.`;
}

/** Says what is known of a transaction that was not seen to be mined. */
export function notMined(
  told: Told,
  followed: Exclude<Followed, { kind: "mined" }>,
  isInterrupted: boolean,
): Unfinished {
  const name = nameOf(told);
  const look = lookFor(told);
  if (followed.kind === "replaced") return replaced(name, told, followed);
  const block = followed.kind === "pending" && followed.block !== undefined ? { block: followed.block } : {};
  const fate = { status: followed.kind, ...block };
  if (!isInterrupted) return { fate, error: open(name, told, followed, look) };
  return { fate, error: new SendingError("Interrupted", `Interrupted. ${name} was sent.`, look) };
}

/** What is known when the time is up. */
function open(
  name: string,
  { hash, nonce }: Told,
  followed: Exclude<Followed, { kind: "mined" | "replaced" }>,
  look: string,
): SendingError {
  if (followed.kind === "unknown") {
    const problem = `${name} was sent, and the network does not say what has become of it.`;
    return new SendingError("FateUnknown", problem, look, { cause: followed.cause });
  }
  if (followed.kind === "pending") {
    const { block } = followed;
    const seen = block === undefined ? "not mined yet" : `in block ${String(block)}, not yet confirmed`;
    if (hash === undefined) {
      const problem = `${name} may have been sent: the network has one with that nonce, does not show which, and has not mined it yet.`;
      return new SendingError("NotYetMined", problem, look);
    }
    return new SendingError("NotYetMined", `${name} was sent and is ${seen}.`, look);
  }
  const problem = `${name} is not known to the network: it was dropped, or has not arrived.`;
  const again = ` To send it again give --nonce ${String(nonce)}, so that only one of both counts.`;
  return new SendingError("Dropped", problem, `${look}${hash === undefined ? "" : again}`);
}

function replaced(
  name: string,
  { nonce }: Told,
  { hash, cancelled }: Extract<Followed, { kind: "replaced" }>,
): Unfinished {
  const fate = { status: "replaced" as const };
  if (cancelled) {
    const problem = `${name} was cancelled: ${hash}, which does nothing, was mined with its nonce ${String(nonce)}.`;
    return {
      fate,
      error: new SendingError("Cancelled", problem, "It changed nothing. Run it again if you still want it."),
    };
  }
  const problem = `${name} was replaced: ${hash}, which does something else, was mined with its nonce ${String(nonce)}.`;
  return {
    fate,
    error: new SendingError("Replaced", problem, "It changed nothing. Run it again if you still want it."),
  };
}
