import { toBeHex } from "ethers";

import type { Hex } from "../sgx/bytes.ts";
import type { BelievedBlock } from "./chainView.ts";
import type { ContractProof } from "./forms.ts";
import { DATA_GRANTS, datasetSlots, eraEndSlot, grantSlot } from "./layout.ts";
import { ProvenStorage } from "./proof.ts";
import { accountOf } from "./validatorSet.ts";

/** Revoking moves a grant's nonce on to the next multiple of this power of two, which begins an era; granting again does not. */
const ERA_BITS = 32n;

/** The era that a nonce of a grant is of: how often the grant had been revoked. */
export const eraOf = (nonce: bigint): bigint => nonce >> ERA_BITS;

/** Whether no revocation lies between two nonces of a grant. */
export const isSameEra = (one: bigint, other: bigint): boolean => eraOf(one) === eraOf(other);

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
    read.push({ until: BigInt.asUintN(DATA_GRANTS.untilBits, word), nonce: nonceIn(word) });
  }
  return read;
}

/** The nonce in a grant's word. */
export const nonceIn = (word: bigint): bigint => BigInt.asUintN(64, word >> DATA_GRANTS.nonceShift);

/** What a dataset's grants to a node let a data key open. */
export interface StandingGrant {
  /** How many grants there were, and more after each revocation: a key for a later one opens nothing. */
  readonly nonce: bigint;
  /** The first era whose keys count: none that was over when the task was published. */
  readonly firstEra: bigint;
}

/** What a grant lets be opened where no task says since when: what was delivered since it was last revoked. */
export const standingNow = (nonce: bigint): StandingGrant => ({ nonce, firstEra: eraOf(nonce) });

/** A task as grants are about it. */
export interface GrantedTask {
  readonly nodeId: bigint;
  readonly datasets: readonly { readonly datasetId: bigint }[];
  /** The number of the block that published it. */
  readonly publishedIn: bigint;
}

/**
 * What the grants of a task's datasets let be opened for it, as the chain has them at a block that is believed. What counts is when the task was
 * published, since whoever accepts it has looked at its keys after that: an owner who revokes a grant, and makes it again, before the
 * acceptance is mined makes no node accept what it cannot do. An era that ended in the very block counts for the same reason.
 *
 * @param grants DataGrants' address.
 * @param eras In which era of each grant the task was published, as whoever runs the program says. Where the chain has it otherwise, the newest counts.
 * @throws {ViewError} PROOF_TRUNCATED, PROOF_INVALID, NO_CONTRACT.
 */
export async function readStandingGrants(
  { stateRoot }: BelievedBlock,
  grants: string,
  { nodeId, datasets, publishedIn }: GrantedTask,
  { proof, eras }: { readonly proof: ContractProof; readonly eras: readonly bigint[] },
): Promise<ReadonlyMap<bigint, StandingGrant>> {
  const standing = new Map<bigint, StandingGrant>();
  if (datasets.length === 0) return standing;
  const storage = await ProvenStorage.open(stateRoot, grants, proof);
  for (const [i, { datasetId }] of datasets.entries()) {
    const now = standingNow(nonceIn(await storage.word(grantSlot(datasetId, nodeId))));
    const era = eras[i] ?? now.firstEra;
    const lasted = era < now.firstEra && (await storage.word(eraEndSlot(datasetId, nodeId, era))) >= publishedIn;
    standing.set(datasetId, lasted ? { ...now, firstEra: era } : now);
  }
  return standing;
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
