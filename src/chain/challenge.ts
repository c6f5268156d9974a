import { ZeroHash, type BlockTag } from "ethers";

import type { AddressBook } from "../deployments.ts";
import { InputError } from "../inputError.ts";
import { challengeSeed } from "../pow/seed.ts";
import type { Protocol } from "../protocol.ts";

/** Where the challenge is read. */
export interface ChallengePlace {
  readonly protocol: Pick<Protocol, "challengeManager">;
  readonly chainId: bigint;
  readonly book: Pick<AddressBook, "contracts">;
}

/** The latest challenge. Times are Unix seconds by the chain's clock. */
export interface LatestChallenge {
  readonly epoch: bigint;
  /** Zero where no challenge was ever issued, like `issuedAt`. */
  readonly seed: string;
  readonly issuedAt: bigint;
}

/**
 * The latest challenge with its seed. Until a block follows the one that issued it, or where the chain no longer has that
 * block's hash, the seed is computed from the block itself.
 *
 * @param blockTag The block at which the contract is asked; the newest by default.
 * @throws {InputError} When the network does not have the block.
 */
export async function latestChallenge(
  { protocol, chainId, book }: ChallengePlace,
  blockTag: BlockTag = "latest",
): Promise<LatestChallenge> {
  const { challengeManager } = protocol;
  const { seed, epoch, issuedAt, blockNumber } = await challengeManager.getChallenge({ blockTag });
  if (seed !== ZeroHash || issuedAt === 0n) return { seed, epoch, issuedAt };
  const blockHash = (await challengeManager.runner?.provider?.getBlock(Number(blockNumber)))?.hash;
  if (typeof blockHash !== "string") {
    throw new InputError(`The network does not have block ${blockNumber.toString()}`, "Use a node that is in sync.");
  }
  const source = { chainId, challengeManager: book.contracts.challengeManager, epoch, blockHash };
  return { epoch, issuedAt, seed: challengeSeed(source) };
}
