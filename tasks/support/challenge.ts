import { ZeroHash } from "ethers";

import type { PlatformContext } from "./context.ts";
import { InputError } from "../../src/inputError.ts";
import { challengeSeed } from "../../src/pow/index.ts";

/**
 * The latest challenge with its seed. Until a block follows the one that issued it, or where the chain no longer has that
 * block's hash, the seed is computed from the block itself.
 *
 * @throws {InputError} When the network does not have the block.
 */
export async function latestChallenge({
  protocol,
  provider,
  chainId,
  book,
}: Pick<PlatformContext, "protocol" | "provider" | "chainId" | "book">): Promise<{ epoch: bigint; seed: string }> {
  const { seed, epoch, issuedAt, blockNumber } = await protocol.challengeManager.getChallenge();
  if (seed !== ZeroHash || issuedAt === 0n) return { seed, epoch };
  const blockHash = (await provider.getBlock(Number(blockNumber)))?.hash;
  if (typeof blockHash !== "string") {
    throw new InputError(`The network does not have block ${blockNumber.toString()}`, "Use a node that is in sync.");
  }
  const { challengeManager } = book.contracts;
  return { epoch, seed: challengeSeed({ chainId, challengeManager, epoch, blockHash }) };
}
