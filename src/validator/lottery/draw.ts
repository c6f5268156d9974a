import { AbiCoder, id, keccak256 } from "ethers";

/** What a block's draw is made of. */
export interface Draw {
  readonly chainId: number;
  readonly challengeManager: string;
  readonly epoch: number;
  readonly blockHash: string;
}

const DOMAIN = id("ChallengeLottery(uint256 chainId,address challengeManager,uint256 epoch,bytes32 blockHash)");
const TYPES = ["bytes32", "uint256", "address", "uint256", "bytes32"] as const;

/**
 * Whether a block wins the lottery of an epoch before its open stretch, as ChallengeManager draws it. So the newest block can be looked at too,
 * which a call at the newest block cannot, and no node has to know what a pending block is.
 *
 * @param odds On average one block in so many wins.
 */
export function isDrawn({ chainId, challengeManager, epoch, blockHash }: Draw, odds: bigint): boolean {
  const values = [DOMAIN, chainId, challengeManager, epoch, blockHash];
  return BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(TYPES, values))) % odds === 0n;
}
