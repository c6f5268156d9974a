import { z } from "zod";

import { forms } from "../forms.ts";
import type { CollectParts } from "./collect.ts";
import { contractProofForm, viewsForm } from "./forms.ts";
import { grantSlot, nodeSlots } from "./layout.ts";
import { proveSlots } from "./network.ts";

/** What shows a program how a dataset is granted to two nodes, and which enclaves these are. */
export const migrationEvidenceForm = z.strictObject({
  kind: z.literal("migration-evidence"),
  chainId: forms.uint,
  /** None where the newest block that is believed is the one of the proofs. */
  views: viewsForm,
  /** Of NodeRegistry, for both nodes. */
  nodes: contractProofForm,
  /** Of DataGrants, for the dataset's grants to both. */
  grants: contractProofForm,
});
export type MigrationEvidence = z.infer<typeof migrationEvidenceForm>;

/** What evidence of a migration is about. */
export interface NamedMigration {
  /** DataGrants' address. */
  readonly grants: string;
  readonly datasetId: bigint;
  readonly nodeIds: readonly [from: bigint, to: bigint];
}

/**
 * Collects what shows a program a migration at the block that it believes.
 *
 * @param number The block's.
 * @throws {ViewError} PROOF_TRUNCATED from a network that gives no proofs of that block.
 */
export async function collectMigrationEvidence(
  { network, trust }: Pick<CollectParts, "network" | "trust">,
  { grants: address, datasetId, nodeIds }: NamedMigration,
  number: bigint,
): Promise<MigrationEvidence> {
  const [nodes, grants] = await Promise.all([
    proveSlots(network, trust.contracts.nodeRegistry, nodeIds.flatMap(nodeSlots), number),
    proveSlots(
      network,
      address,
      nodeIds.map((nodeId) => grantSlot(datasetId, nodeId)),
      number,
    ),
  ]);
  return { kind: "migration-evidence", chainId: trust.chainId, views: [], nodes, grants };
}
