import { AbiCoder, id, keccak256 } from "ethers";

/** Separates prefixes of this protocol from anything else that hashes the same words. */
export const PROOF_DOMAIN = id(
  "ComputingPowerProof(uint256 chainId,address challengeManager,bytes32 seed,uint256 nodeId,address enclaveKey)",
);

/** All that an answer is bound to: no other chain, contract, challenge, node or enclave can use it. */
export interface ProofBinding {
  readonly chainId: bigint;
  readonly challengeManager: string;
  /** The challenge's seed, 32 bytes in hex. */
  readonly seed: string;
  readonly nodeId: bigint;
  /** The address of the secp256k1 key that the node's enclave was attested with. */
  readonly enclaveKey: string;
}

/**
 * The 32 bytes in hex that every attempt of a node starts with.
 *
 * @throws {TypeError} Of ethers, when a word does not fit its type.
 */
export function proofPrefix({ chainId, challengeManager, seed, nodeId, enclaveKey }: ProofBinding): string {
  const words = AbiCoder.defaultAbiCoder().encode(
    ["bytes32", "uint256", "address", "bytes32", "uint256", "address"],
    [PROOF_DOMAIN, chainId, challengeManager, seed, nodeId, enclaveKey],
  );
  return keccak256(words);
}
