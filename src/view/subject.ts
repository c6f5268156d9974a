import { collectViews, type CollectParts } from "./collect.ts";
import { readDataset, readGrants, type ProvenDataset } from "./grant.ts";
import { datasetSlots, grantSlot } from "./layout.ts";
import { proveSlots } from "./network.ts";
import { SignedViews } from "./signedViews.ts";

/** A dataset's grant to a node. */
export interface NamedGrant {
  /** DataGrants' address. */
  readonly grants: string;
  readonly datasetId: bigint;
  readonly nodeId: bigint;
}

/**
 * Views that validators have signed, and the height of the last block that is believed after them.
 *
 * @throws {ViewError} UNDER_SIGNED while no newer block is signed, and what is wrong with what the network gives.
 */
export async function signedViews(parts: CollectParts, signal?: AbortSignal) {
  const least = parts.belief.newest?.number ?? parts.trust.height;
  const views = await collectViews(parts, least, signal);
  return { views, number: views.at(-1)?.number ?? least };
}

/** A dataset, and the nonce of its grant to a node, as a block has them. */
export interface ProvenSubject extends ProvenDataset {
  readonly grantNonce: bigint;
}

/**
 * What an owner signs or seals of a dataset, at a block that validators have signed, whatever the network says: an owner who took a later nonce could
 * not revoke what it is for, and one who took another content would let others use another dataset.
 *
 * @throws {ViewError} As {@link signedViews}.
 */
export async function provenSubject(
  parts: CollectParts,
  { grants, datasetId, nodeId }: NamedGrant,
): Promise<ProvenSubject> {
  const { network, trust, belief } = parts;
  const { views, number } = await signedViews(parts);
  const block = await new SignedViews(trust, belief).believe(views);
  const slots = [grantSlot(datasetId, nodeId), ...datasetSlots(datasetId)];
  const proof = await proveSlots(network, grants, slots, number);
  const [granted] = await readGrants(block, grants, { datasetId, nodeIds: [nodeId] }, proof);
  return { ...(await readDataset(block, grants, datasetId, proof)), grantNonce: granted?.nonce ?? 0n };
}
