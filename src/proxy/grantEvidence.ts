import { z } from "zod";

import { forms } from "../forms.ts";
import type { CollectParts } from "../view/collect.ts";
import { contractProofForm, viewsForm } from "../view/forms.ts";
import { grantSlot } from "../view/layout.ts";
import { proveSlots } from "../view/network.ts";
import { signedViews, type NamedGrant } from "../view/subject.ts";

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
