import type { BigNumberish } from "ethers";

/** What is read of HardwareCatalog and NodeRegistry. */
export interface DeclarationReader {
  readonly hardwareCatalog: { hashRateOf(modelId: BigNumberish): Promise<bigint> };
  readonly nodeRegistry: {
    powerShareBps(): Promise<bigint>;
    policy(): Promise<{ readonly minimumStake: bigint }>;
  };
}

/** What a declaration takes from the catalog and the policy. `NodeRegistry.declare` names both, so that neither changes unseen. */
export interface DeclarationTerms {
  /** Hashes per second that the node is to prove. */
  readonly requiredRate: bigint;
  /** Token base units of stake that the registry locks for it. */
  readonly stake: bigint;
}

/**
 * What declaring so many units of a hardware model means now.
 *
 * @param modelId The model's id in the catalog.
 * @param units How many units the node is to offer, from 1.
 * @throws The catalog's errors, when it does not have the model, or does not list it for new nodes.
 */
export async function declarationTermsOf(
  { hardwareCatalog, nodeRegistry }: DeclarationReader,
  modelId: BigNumberish,
  units: BigNumberish,
): Promise<DeclarationTerms> {
  const [hashRate, share, { minimumStake }] = await Promise.all([
    hardwareCatalog.hashRateOf(modelId),
    nodeRegistry.powerShareBps(),
    nodeRegistry.policy(),
  ]);
  return { requiredRate: (hashRate * BigInt(units) * share) / 10_000n, stake: minimumStake };
}
