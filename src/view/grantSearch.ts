import type { ContractProof } from "./forms.ts";
import { eraOf, nonceIn } from "./grant.ts";
import { eraEndSlot, grantSlot } from "./layout.ts";
import { proveSlots, showWords, type ProofNetwork } from "./network.ts";

/** The grants of a task's datasets to its node. */
export interface AskedGrants {
  /** DataGrants' address. */
  readonly grants: string;
  readonly nodeId: bigint;
  readonly datasetIds: readonly bigint[];
  /** The number of the block that published the task. */
  readonly publishedIn: bigint;
}

/**
 * Has a network prove what grants let a task's program open: each grant, and the end of the era in which the task was published.
 *
 * @returns The proofs, and those eras in the order of the datasets.
 * @throws {ViewError} As {@link proveSlots}.
 */
export async function showGrants(
  network: ProofNetwork,
  { grants, nodeId, datasetIds, publishedIn }: AskedGrants,
  number: bigint,
): Promise<{ readonly grants: ContractProof; readonly eras: bigint[] }> {
  const slots = datasetIds.map((datasetId) => grantSlot(datasetId, nodeId));
  const { words } = await showWords(network, grants, slots, number);
  const endOf = async (datasetId: bigint, era: bigint): Promise<bigint> =>
    (await showWords(network, grants, [eraEndSlot(datasetId, nodeId, era)], number)).words[0] ?? 0n;
  const eras = await Promise.all(
    datasetIds.map(async (datasetId, i) =>
      eraAt(publishedIn, eraOf(nonceIn(words[i] ?? 0n)), async (era) => endOf(datasetId, era)),
    ),
  );
  const ends = datasetIds.map((datasetId, i) => eraEndSlot(datasetId, nodeId, eras[i] ?? 0n));
  return { grants: await proveSlots(network, grants, [...slots, ...ends], number), eras };
}

/** The first era that was not over before a block, found by halving: an owner can have ended any number of them since. */
async function eraAt(block: bigint, newest: bigint, endOf: (era: bigint) => Promise<bigint>): Promise<bigint> {
  let [low, high] = [0n, newest];
  while (low < high) {
    const middle = (low + high) / 2n;
    if ((await endOf(middle)) < block) low = middle + 1n;
    else high = middle;
  }
  return low;
}
