import { keccak256 } from "ethers";
import type { Logger } from "pino";

import { RefusedError } from "../chain/sending/errors.ts";
import type { Intention, Sender } from "../chain/sending/sender.ts";
import { decodeRevert } from "../errors.ts";
import { describeFamily, type PlatformFamily } from "./family.ts";
import type { CollateralPlan } from "./lacking.ts";

/** What of the collateral did not come onto the chain. */
export class CollateralNotTakenError extends Error {
  override readonly name = "CollateralNotTakenError";
}

/** What came of a document: why the chain did not take it, or that there was no time left to sign it; neither where it did. */
interface Taken {
  readonly why?: string;
  readonly isOverdue?: true;
}

async function takenOf(sender: Sender, intention: Intention): Promise<Taken> {
  try {
    const outcome = await sender.send(intention);
    if (outcome.kind === "mined") return {};
    if (outcome.kind === "reverted") return { why: "its transaction was reverted" };
    return outcome.isOverdue === undefined ? { why: outcome.reason } : { isOverdue: true };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const revert = decodeRevert(error);
    return { why: revert === undefined ? error.message : `the chain refuses it with ${revert.name}` };
  }
}

/**
 * Submits the documents of a plan one after the other, as some rest on those before. One that the chain does not take keeps none of the others
 * from it.
 *
 * @param signBy When the time to sign them is over, in Unix milliseconds of the machine's clock: what is left then is left to whoever is next.
 * @throws {CollateralNotTakenError} When the chain did not take all, after the last.
 */
export async function submitPlan(
  { sender, log }: { readonly sender: Sender; readonly log: Logger },
  family: PlatformFamily,
  { submissions, number, reason }: CollateralPlan,
  signBy?: number,
): Promise<void> {
  const name = describeFamily(family);
  log.info({ family: name, number, reason }, "collateral is submitted");
  const lacking: string[] = [];
  for (const { document, title, tx } of submissions) {
    const { why, isOverdue } = await takenOf(sender, {
      key: `collateral ${document} ${keccak256(tx.data).slice(2, 18)}`,
      purpose: `${title.toLowerCase()} of ${name}`,
      ...{ transaction: tx, signBy },
    });
    if (isOverdue === true) {
      log.info({ family: name, document }, "there is no time left for the rest of the collateral");
      break;
    }
    if (why !== undefined) lacking.push(`${document} (${why})`);
  }
  if (lacking.length > 0) throw new CollateralNotTakenError(`Of ${name} the chain did not take ${lacking.join(", ")}`);
}
