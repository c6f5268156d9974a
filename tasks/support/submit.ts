import { nowOf, type PlatformContext } from "./context.ts";
import type { Step } from "./transact.ts";
import { documentTitles, type DocumentName } from "../../src/collateral/documents.ts";
import { planSubmissions } from "../../src/collateral/plan.ts";
import type { ChainPlace } from "../../src/collateral/place.ts";
import type { Collateral } from "../../src/sgx/index.ts";

/** Where collateral is on chain. */
export function storePlace({ protocol, history }: PlatformContext): ChainPlace {
  return { ...history, store: protocol.collateralStore };
}

/** The documents that were submitted, in words. */
export function titlesOf(documents: readonly DocumentName[]): string {
  return documents.map((document) => documentTitles[document]).join(", ");
}

/** The steps that submit what the chain lacks of a set of collateral, and which documents those are. */
export async function planMissing(
  context: PlatformContext,
  collateral: Collateral,
): Promise<{ readonly steps: Step[]; readonly submitted: readonly DocumentName[] }> {
  const submissions = await planSubmissions(storePlace(context), collateral, await nowOf(context));
  return {
    steps: submissions.map(({ title, tx }) => ({ title, tx: () => Promise.resolve(tx) })),
    submitted: submissions.map(({ document }) => document),
  };
}
