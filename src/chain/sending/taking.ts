import type { Provider } from "ethers";

import { ChainUnreachableError } from "../access.ts";
import { askAll, neededOf, type Endpoint } from "./looks.ts";
import { outcomeFromJson } from "./receipts.ts";
import type { Intention, Outcome } from "./sender.ts";
import type { SendingStore } from "./store.ts";

/** What is known of intentions by. */
export interface TakingParts {
  readonly store: SendingStore;
  readonly endpoints: readonly Endpoint[];
  /** Makes receipts of what is kept. */
  readonly provider: Provider;
}

/**
 * Writes an intention down, unless its key is under way or was mined. What was mined and is not any more is under way again.
 *
 * @returns What became of it, where that is known already.
 * @throws {ChainUnreachableError} Where no endpoint says whether what was mined still is.
 */
export async function takeUp(parts: TakingParts, intention: Intention): Promise<Outcome | undefined> {
  const { store, provider } = parts;
  const known = store.find(intention.key);
  if (known === undefined) store.write(intention);
  if (known?.outcome === undefined) return undefined;
  const outcome = outcomeFromJson(known.outcome, provider);
  if (outcome.kind !== "abandoned") return takeUpMined(parts, intention, outcome, known.outcome);
  store.write(intention);
  return undefined;
}

async function takeUpMined(
  parts: TakingParts,
  intention: Intention,
  outcome: MinedOutcome,
  kept: string,
): Promise<Outcome | undefined> {
  const { store } = parts;
  const stands = await isStillSo(parts, outcome);
  // Whoever asked for the same meanwhile may have begun it anew.
  if (store.find(intention.key)?.outcome !== kept) return takeUp(parts, intention);
  if (stands && outcome.kind === "mined") return outcome;
  if (stands) store.write(intention);
  else store.reopen(store.nonceOf(outcome.receipt.hash) ?? 0, 1);
  return undefined;
}

type MinedOutcome = Exclude<Outcome, { kind: "abandoned" }>;

/** Whether what was mined still is, with the same effect. That it had none is not told by one endpoint's word: it would be sent again. */
async function isStillSo({ endpoints }: TakingParts, outcome: MinedOutcome): Promise<boolean> {
  const { hash, status } = outcome.receipt;
  const { answers, errors } = await askAll(endpoints, async (endpoint) => endpoint.getTransactionReceipt(hash));
  if (answers.length === 0) throw new ChainUnreachableError("No endpoint of the chain answers", { cause: errors[0] });
  const same = answers.filter((each) => each?.status === status).length;
  return same >= (outcome.kind === "mined" ? 1 : neededOf(endpoints));
}
