import { z } from "zod";

import { forms } from "../forms.ts";
import { collectViews, type CollectParts } from "../view/collect.ts";
import { contractProofForm, viewsForm } from "../view/forms.ts";
import { readDataset, readGrants, type ProvenDataset } from "../view/grant.ts";
import { datasetSlots, grantSlot } from "../view/layout.ts";
import { proveSlots } from "../view/network.ts";
import { SignedViews } from "../view/signedViews.ts";

/** What shows a proxy under which nonce a dataset is granted to a node: whether what its owner has signed stands, or was revoked on chain. */
export const grantEvidenceForm = z.strictObject({
  kind: z.literal("grant-evidence"),
  chainId: forms.uint,
  /** None where the newest block that is believed is the one of the proofs. */
  views: viewsForm,
  /** Of DataGrants, for the dataset's grant to the node. */
  grants: contractProofForm,
});
export type GrantEvidence = z.infer<typeof grantEvidenceForm>;

/** Which grant evidence is about. */
export interface NamedGrant {
  /** DataGrants' address. */
  readonly grants: string;
  readonly datasetId: bigint;
  readonly nodeId: bigint;
}

/** Views that validators have signed, and the height of the last block that is believed after them. */
async function signedViews(parts: CollectParts, signal?: AbortSignal) {
  const least = parts.belief.newest?.number ?? parts.trust.height;
  const views = await collectViews(parts, least, signal);
  return { views, number: views.at(-1)?.number ?? least };
}

/**
 * Collects what shows a proxy how a grant stands: signed views from validators, and a proof from a network.
 *
 * @throws {ViewError} UNDER_SIGNED while no newer block is signed, and what is wrong with what the network gives.
 */
export async function collectGrantEvidence(
  parts: CollectParts,
  { grants, datasetId, nodeId }: NamedGrant,
  signal?: AbortSignal,
): Promise<GrantEvidence> {
  const { network, trust } = parts;
  const { views, number } = await signedViews(parts, signal);
  const proof = await proveSlots(network, grants, [grantSlot(datasetId, nodeId)], number);
  return { kind: "grant-evidence", chainId: trust.chainId, views, grants: proof };
}

/** A dataset, and the nonce of its grant to a node, as a block has them. */
export interface ProvenSubject extends ProvenDataset {
  readonly grantNonce: bigint;
}

/**
 * What an owner signs of a dataset, at a block that validators have signed, whatever the network says: an owner who signed a later nonce could not
 * revoke it, and one who signed another content would let others use another dataset.
 *
 * @throws {ViewError} As {@link collectGrantEvidence}.
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
