import { AbiCoder, dataSlice, id, keccak256, zeroPadBytes } from "ethers";

/** Separates seeds from anything else that hashes the same words. */
export const SEED_DOMAIN = id(
  "ChallengeSeed(uint256 chainId,address challengeManager,uint256 epoch,bytes32 blockHash)",
);

/** What a challenge's seed follows from. */
export interface SeedSource {
  readonly chainId: bigint;
  readonly challengeManager: string;
  readonly epoch: bigint;
  /** The hash of the block that issued the challenge, 32 bytes in hex. */
  readonly blockHash: string;
}

/**
 * The seed of a challenge, 32 bytes in hex of which the last 12 are zero. The chain itself cannot tell it before the block
 * that issued the challenge has a successor; whoever reads the block can.
 *
 * @throws {TypeError} Of ethers, when a word does not fit its type.
 */
export function challengeSeed({ chainId, challengeManager, epoch, blockHash }: SeedSource): string {
  const words = AbiCoder.defaultAbiCoder().encode(
    ["bytes32", "uint256", "address", "uint256", "bytes32"],
    [SEED_DOMAIN, chainId, challengeManager, epoch, blockHash],
  );
  return zeroPadBytes(dataSlice(keccak256(words), 0, 20), 32);
}
