import type { Logger } from "pino";

import { RefusedError } from "../chain/sending/errors.ts";
import type { Intention, Outcome, Sender } from "../chain/sending/sender.ts";

/**
 * Sends what other validators may be sending as well.
 *
 * @returns How it ended; `undefined` where the chain refuses it, because somebody was first or things have changed
 * since: whoever sends it looks anew.
 */
export async function sendAmongOthers(
  { sender, log }: { readonly sender: Sender; readonly log: Logger },
  intention: Intention,
): Promise<Outcome | undefined> {
  const { key } = intention;
  try {
    const outcome = await sender.send(intention);
    log.info({ key, outcome: outcome.kind }, "a transaction has ended");
    return outcome;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    log.info({ key, err: error }, "a transaction is not taken");
    return undefined;
  }
}
