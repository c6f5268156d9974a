import { nowOf, type PlatformContext } from "./context.ts";
import { transact, type Sent } from "./transact.ts";
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

/** Submits what the chain lacks of a set of collateral, or with `--dry-run` says what that would be. */
export async function submitMissing(
  context: PlatformContext,
  collateral: Collateral,
): Promise<{ readonly sent: Sent; readonly submitted: readonly DocumentName[] }> {
  const submissions = await planSubmissions(storePlace(context), collateral, await nowOf(context));
  const steps = submissions.map(({ title, tx }, i) => ({ title, tx: Promise.resolve(tx), isDependent: i > 0 }));
  const sent =
    steps.length === 0
      ? { dryRun: context.options.dryRun, transactions: [], events: () => [] }
      : await transact(context, steps);
  return { sent, submitted: submissions.map(({ document }) => document) };
}
