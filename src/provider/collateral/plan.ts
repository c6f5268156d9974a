import { showUrl } from "../../collateral/access.ts";
import type { PlatformFamily } from "../../collateral/family.ts";
import { planLacking, type CollateralPlan } from "../../collateral/lacking.ts";
import { readForDocuments } from "../../collateral/read.ts";
import { collateralSource } from "../../collateral/source.ts";
import { readSecret } from "../../service/config/secret.ts";
import type { ProviderParts } from "../parts.ts";

/**
 * Plans what the chain needs of a family's documents.
 *
 * @param renewBefore Seconds before a document lapses at which a newer one is submitted.
 * @returns Undefined where it needs nothing, or no source is configured.
 */
export async function planFor(
  { config, chain, environment }: Pick<ProviderParts, "config" | "chain" | "environment">,
  family: PlatformFamily,
  renewBefore: bigint,
): Promise<CollateralPlan | undefined> {
  if (config.collateral === undefined) return undefined;
  const { source, key } = config.collateral;
  const subscriptionKey = key === undefined ? undefined : readSecret("collateral.key", key, environment).reveal();
  const offered = await collateralSource(source, { subscriptionKey }).fetch(family);
  return readForDocuments(chain, `the collateral, beside ${showUrl(source)}`, async ({ collateralStore }, { time }) =>
    planLacking({ store: collateralStore, fromBlock: chain.book.fromBlock }, offered, family, {
      now: BigInt(time),
      renewBefore,
    }),
  );
}
