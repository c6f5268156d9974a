import { keccak256, toUtf8Bytes } from "ethers";

import { latestChallenge } from "../../chain/challenge.ts";
import type { Block } from "../../chain/block.ts";
import type { AddressBook } from "../../deployments.ts";
import { proofPrefix, targetOf } from "../../pow/index.ts";
import type { Protocol } from "../../protocol.ts";

/** What a node has to find in a round. */
export interface NodeTerms {
  readonly nodeId: bigint;
  readonly isLive: boolean;
  /** Units that orders have taken. */
  readonly unitsInUse: bigint;
  readonly isProven: boolean;
  readonly enclaveKey: string;
  /** Hashes a second that the node claims. */
  readonly requiredRate: bigint;
  readonly prefix: string;
  readonly target: bigint;
  /** How many endpoints say that this prefix and target are the node's. */
  readonly sayers: number;
}

/** A name of what a node has to find: an answer to other terms is of no use. */
export const termsName = ({ prefix, target }: Pick<NodeTerms, "prefix" | "target">): string =>
  keccak256(toUtf8Bytes(`${prefix} ${target.toString()}`)).slice(2, 18);

/** The challenge of the running epoch, and how the own nodes stand in it. Times are Unix seconds by the chain's clock. */
export interface Round {
  readonly epoch: bigint;
  readonly seed: string;
  /** What answers are searched over, from the issue on, and before when they are taken. */
  readonly searchUntil: bigint;
  readonly answerBy: bigint;
  readonly nodes: readonly NodeTerms[];
}

/** What never changes of the contracts. */
export interface ProofConstants {
  readonly responseWindow: bigint;
  readonly effectiveWindow: bigint;
  /** Milliseconds between blocks, as the deployer stated them. */
  readonly blockMilliseconds: bigint;
}

/** Reads what never changes of the contracts. */
export async function readProofConstants({ challengeManager }: Protocol): Promise<ProofConstants> {
  const [responseWindow, effectiveWindow, blockMilliseconds] = await Promise.all([
    challengeManager.responseWindow(),
    challengeManager.effectiveWindow(),
    challengeManager.blockMilliseconds(),
  ]);
  return { responseWindow, effectiveWindow, blockMilliseconds };
}

/** Where and for whom a round is read. */
export interface RoundQuestion {
  readonly book: AddressBook;
  readonly nodeIds: readonly bigint[];
  readonly constants: ProofConstants;
}

/**
 * Reads the running epoch's challenge at a block. The seed is that of the chain which has this block: after a reorganisation it is another one.
 *
 * @returns Undefined while the epoch has no challenge, or its window is over.
 */
export async function readRound(
  protocol: Protocol,
  block: Block,
  { book, nodeIds, constants }: RoundQuestion,
): Promise<Round | undefined> {
  const at = { blockTag: block.number };
  const chainId = BigInt(book.chainId);
  const [epoch, { epoch: challenged, seed, issuedAt }] = await Promise.all([
    protocol.challengeManager.currentEpoch(at),
    latestChallenge({ protocol, chainId, book }, block.number),
  ]);
  const answerBy = issuedAt + constants.responseWindow;
  if (issuedAt === 0n || challenged !== epoch || BigInt(block.time) >= answerBy) return undefined;
  const manager = book.contracts.challengeManager;
  const nodes = await Promise.all(
    nodeIds.map(async (nodeId): Promise<NodeTerms> => {
      const [isLive, unitsInUse, isProven, { enclaveKey, requiredRate }] = await Promise.all([
        protocol.nodeRegistry.isLive(nodeId, at),
        protocol.orderEscrow.unitsInUse(nodeId, at),
        protocol.challengeManager.isProven(nodeId, epoch, at),
        protocol.nodeRegistry.getNode(nodeId, at),
      ]);
      return {
        ...{ nodeId, isLive, unitsInUse, isProven, enclaveKey, requiredRate },
        prefix: proofPrefix({ chainId, challengeManager: manager, seed, nodeId, enclaveKey }),
        target: targetOf(requiredRate, constants.effectiveWindow),
        sayers: 1,
      };
    }),
  );
  return { epoch, seed, answerBy, searchUntil: issuedAt + constants.effectiveWindow, nodes };
}
