import { toBeHex } from "ethers";

import type { Hex } from "../sgx/bytes.ts";
import type { BelievedBlock } from "./chainView.ts";
import type { ContractProof } from "./forms.ts";
import { DATA_GRANTS, datasetSlots, grantSlot } from "./layout.ts";
import { ProvenStorage } from "./proof.ts";
import { accountOf } from "./validatorSet.ts";

/** Revoking moves a grant's nonce on to the next multiple of this power of two; granting again does not. */
const ERA_BITS = 32n;

/** A dataset's grant to a node as a block has it. */
export interface ProvenGrant {
  /** Unix seconds before which it holds; 0 where there is none, or it was revoked. */
  readonly until: bigint;
  /** How many grants there were, and more after each revocation. */
  readonly nonce: bigint;
}

/**
 * A dataset's grants to nodes, as the chain has them at a block that is believed, in the order of the nodes.
 *
 * @param grants DataGrants' address.
 * @throws {ViewError} PROOF_TRUNCATED, PROOF_INVALID, NO_CONTRACT.
 */
export async function readGrants(
  { stateRoot }: BelievedBlock,
  grants: string,
  { datasetId, nodeIds }: { readonly datasetId: bigint; readonly nodeIds: readonly bigint[] },
  proof: ContractProof,
): Promise<ProvenGrant[]> {
  const storage = await ProvenStorage.open(stateRoot, grants, proof);
  const read: ProvenGrant[] = [];
  for (const nodeId of nodeIds) {
    const word = await storage.word(grantSlot(datasetId, nodeId));
    const nonce = BigInt.asUintN(64, word >> DATA_GRANTS.nonceShift);
    read.push({ until: BigInt.asUintN(DATA_GRANTS.untilBits, word), nonce });
  }
  return read;
}

/** A dataset as a block has it: nobody's, and of no content, before it was registered. */
export interface ProvenDataset {
  readonly owner: string;
  readonly contentHash: Hex;
}

/**
 * Whose a dataset is and what is in it, as the chain has it at a block that is believed.
 *
 * @param grants DataGrants' address.
 * @throws {ViewError} PROOF_TRUNCATED, PROOF_INVALID, NO_CONTRACT.
 */
export async function readDataset(
  { stateRoot }: BelievedBlock,
  grants: string,
  datasetId: bigint,
  proof: ContractProof,
): Promise<ProvenDataset> {
  const storage = await ProvenStorage.open(stateRoot, grants, proof);
  const [owner, contentHash] = datasetSlots(datasetId);
  return {
    owner: accountOf(await storage.word(owner)),
    contentHash: toBeHex(await storage.word(contentHash), 32) as Hex,
  };
}

/** Whether no revocation lies between two nonces of a grant. */
export const isSameEra = (one: bigint, other: bigint): boolean => one >> ERA_BITS === other >> ERA_BITS;
