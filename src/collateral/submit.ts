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

/** Why the chain did not take a document; undefined where it did. */
async function whyNotTaken(sender: Sender, intention: Intention): Promise<string | undefined> {
  try {
    const outcome = await sender.send(intention);
    if (outcome.kind === "mined") return undefined;
    return outcome.kind === "abandoned" ? outcome.reason : "its transaction was reverted";
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const revert = decodeRevert(error);
    return revert === undefined ? error.message : `the chain refuses it with ${revert.name}`;
  }
}

/**
 * Submits the documents of a plan one after the other, as some rest on those before. One that the chain does not take keeps none of the others
 * from it.
 *
 * @throws {CollateralNotTakenError} When the chain did not take all, after the last.
 */
export async function submitPlan(
  { sender, log }: { readonly sender: Sender; readonly log: Logger },
  family: PlatformFamily,
  { submissions, number, reason }: CollateralPlan,
): Promise<void> {
  const name = describeFamily(family);
  log.info({ family: name, number, reason }, "collateral is submitted");
  const lacking: string[] = [];
  for (const { document, title, tx } of submissions) {
    const why = await whyNotTaken(sender, {
      key: `collateral ${document} ${keccak256(tx.data).slice(2, 18)}`,
      purpose: `${title.toLowerCase()} of ${name}`,
      transaction: tx,
    });
    if (why !== undefined) lacking.push(`${document} (${why})`);
  }
  if (lacking.length > 0) throw new CollateralNotTakenError(`Of ${name} the chain did not take ${lacking.join(", ")}`);
}
