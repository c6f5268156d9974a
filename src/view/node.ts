import { toBeHex } from "ethers";

import type { Hex } from "../sgx/bytes.ts";
import { TcbStatus } from "../sgx/tcbStatus.ts";
import type { BelievedBlock } from "./chainView.ts";
import type { ContractProof } from "./forms.ts";
import { NODE_REGISTRY, nodeSlots } from "./layout.ts";
import { ProvenStorage } from "./proof.ts";
import { accountOf } from "./validatorSet.ts";

/** A node as a block has it. */
export interface ProvenNode {
  readonly provider: string;
  /** Zero for a node that was never attested, or does not exist. */
  readonly enclaveKey: string;
  readonly mrEnclave: Hex;
  /** Whether its attestation holds at the block, as NodeRegistry says it. */
  readonly isLive: boolean;
}

/**
 * Nodes as the chain has them at a block that is believed, in the order of their numbers given.
 *
 * @param registry NodeRegistry's address.
 * @throws {ViewError} PROOF_TRUNCATED, PROOF_INVALID, NO_CONTRACT.
 */
export async function readNodes(
  { stateRoot, time }: BelievedBlock,
  registry: string,
  nodeIds: readonly bigint[],
  proof: ContractProof,
): Promise<ProvenNode[]> {
  const storage = await ProvenStorage.open(stateRoot, registry, proof);
  const nodes: ProvenNode[] = [];
  for (const nodeId of nodeIds) {
    const words: bigint[] = [];
    for (const slot of nodeSlots(nodeId)) words.push(await storage.word(slot));
    nodes.push(nodeOf(words as [bigint, bigint, bigint, bigint], time));
  }
  return nodes;
}

function nodeOf(
  [owner, attestation, measurement, lead]: readonly [bigint, bigint, bigint, bigint],
  time: bigint,
): ProvenNode {
  const { endedAtShift, isChallengerShift, validUntilShift, tcbStatusShift, liveFromShift } = NODE_REGISTRY;
  const endedAt = bitsOf(owner, endedAtShift, 32);
  const isWaiting = bitsOf(owner, isChallengerShift, 8) !== 0n && bitsOf(lead, liveFromShift, 32) > time;
  const isSuspended = bitsOf(attestation, tcbStatusShift, 8) === BigInt(TcbStatus.Revoked);
  const holds = bitsOf(attestation, validUntilShift, 32) > time && !isSuspended;
  return {
    provider: accountOf(owner),
    enclaveKey: accountOf(attestation),
    mrEnclave: toBeHex(measurement, 32) as Hex,
    isLive: holds && !isWaiting && (endedAt === 0n || endedAt > time),
  };
}

const bitsOf = (word: bigint, shift: bigint, count: number): bigint => BigInt.asUintN(count, word >> shift);
