import { z } from "zod";

import { forms } from "../forms.ts";
import { collectViews, type CollectParts } from "../view/collect.ts";
import { contractProofForm, viewsForm } from "../view/forms.ts";
import { grantSlot } from "../view/layout.ts";
import { proveSlots } from "../view/network.ts";
import { SignedViews } from "../view/signedViews.ts";
import { readGrantNonces } from "../view/task.ts";

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
  const { network, trust, belief } = parts;
  const least = belief.newest?.number ?? trust.height;
  const views = await collectViews(parts, least, signal);
  const number = views.at(-1)?.number ?? least;
  const proof = await proveSlots(network, grants, [grantSlot(datasetId, nodeId)], number);
  return { kind: "grant-evidence", chainId: trust.chainId, views, grants: proof };
}

/**
 * The nonce of a grant at a block that validators have signed, whatever the network says: an owner who signed a later one could not revoke it.
 *
 * @throws {ViewError} As {@link collectGrantEvidence}.
 */
export async function provenGrantNonce(parts: CollectParts, grant: NamedGrant): Promise<bigint> {
  const { views, grants } = await collectGrantEvidence(parts, grant);
  const block = await new SignedViews(parts.trust, parts.belief).believe(views);
  const named = { nodeId: grant.nodeId, datasets: [grant] };
  return (await readGrantNonces(block, grant.grants, named, grants)).get(grant.datasetId) ?? 0n;
}
