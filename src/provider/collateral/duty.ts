import { getBytes } from "ethers";

import { planFor } from "./plan.ts";
import { describeFamily, familyOfQuote, type PlatformFamily } from "../../collateral/family.ts";
import { submitPlan } from "../../collateral/submit.ts";
import { keptQuotes } from "../../documents/keptQuotes.ts";
import type { Action, Duty } from "../duty.ts";
import type { ProviderParts } from "../parts.ts";

/** The platform families of the own nodes, by their newest quotes. */
export function familiesOf({ nodes }: Pick<ProviderParts, "nodes">): PlatformFamily[] {
  const newest = nodes.flatMap(({ quotes }) => keptQuotes(quotes).at(-1) ?? []);
  const families = newest.map(({ quote }) => familyOfQuote(getBytes(quote.quote)));
  return [...new Map(families.map((family) => [describeFamily(family), family])).values()];
}

/** Brings Intel's newer documents to the chain before those that it has lapse. */
export class CollateralDuty implements Duty {
  readonly name = "collateral";
  readonly every = 3_600;
  readonly #parts: ProviderParts;

  constructor(parts: ProviderParts) {
    this.#parts = parts;
  }

  async look(): Promise<readonly Action[]> {
    const { config } = this.#parts;
    if (config.collateral === undefined) return [];
    const renewBefore = BigInt(config.collateral.renewBefore);
    const actions: Action[] = [];
    for (const family of familiesOf(this.#parts)) {
      const plan = await planFor(this.#parts, family, renewBefore);
      if (plan === undefined || plan.submissions.length === 0) continue;
      const name = describeFamily(family);
      const act = async (): Promise<void> => submitPlan(this.#parts, family, plan);
      actions.push({ key: `collateral ${name}`, what: `submit collateral of ${name}`, reason: plan.reason, act });
    }
    return actions;
  }
}
