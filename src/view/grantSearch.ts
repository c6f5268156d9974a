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
 * Has a network prove what grants let a task's program open: each grant, and where it was revoked since the task was published, the end of the era of
 * then.
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
  const { words, proof } = await showWords(network, grants, slots, number);
  const newest = words.map((word) => eraOf(nonceIn(word)));
  const endOf = async (datasetId: bigint, era: bigint): Promise<bigint> =>
    (await showWords(network, grants, [eraEndSlot(datasetId, nodeId, era)], number)).words[0] ?? 0n;
  const eras = await Promise.all(
    datasetIds.map(async (datasetId, i) => eraAt(publishedIn, newest[i] ?? 0n, async (era) => endOf(datasetId, era))),
  );
  const ended = eras.flatMap((era, i) => (era === newest[i] ? [] : [eraEndSlot(datasetIds[i] ?? 0n, nodeId, era)]));
  if (ended.length === 0) return { grants: proof, eras };
  return { grants: await proveSlots(network, grants, [...slots, ...ended], number), eras };
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
