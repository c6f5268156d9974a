import type { ContractTransaction } from "ethers";

import { isRevert } from "../../revertData.ts";
import type { ActingParts } from "../parts.ts";
import { sendAmongOthers } from "../sendAmongOthers.ts";
import type { Turns } from "../watch/turns.ts";
import type { Protocol } from "../../protocol.ts";

/** A report of validators that loses them stake. */
export interface Report {
  /** Names it among all that the account sends. */
  readonly key: string;
  readonly purpose: string;
  /** What it would take now, in base units of the token. Reverts where the contract takes no such report. */
  readonly amount: (protocol: Protocol, blockTag: number) => Promise<bigint>;
  readonly call: (protocol: Protocol) => Promise<ContractTransaction>;
  /** When the turn is over in which it was decided on; see {@link Turns.endOf}. */
  readonly signBy: number | undefined;
}

/** What came of a report: `needless` where somebody was first, or there is nothing to take; `open` where it is to be tried again, in a later turn. */
export type Reported = "reported" | "needless" | "open";

/** Has the chain try a report for nothing, and sends it where it would take something from somebody. */
export async function sendReport(
  parts: Pick<ActingParts, "chain" | "sender" | "log"> & { readonly turns: Pick<Turns, "sees"> },
  { key, purpose, amount, call, signBy }: Report,
): Promise<Reported> {
  const { chain, log, turns } = parts;
  const tried = await chain.readAgreed("a report, tried", async (protocol, { number, time }) => {
    if (!turns.sees(time)) return "open";
    try {
      return (await amount(protocol, number)) === 0n ? "needless" : await call(protocol);
    } catch (error) {
      if (!isRevert(error)) throw error;
      // Somebody else was first, the stake is out of reach, or the signature is on another task of this number.
      log.info({ err: error, key }, "the chain takes no report");
      return "needless";
    }
  });
  if (tried === "open" || tried === "needless") return tried;
  const outcome = await sendAmongOthers(parts, { key, purpose, transaction: tried, signBy });
  if (outcome === undefined) return "needless";
  return outcome.kind === "mined" ? "reported" : "open";
}
