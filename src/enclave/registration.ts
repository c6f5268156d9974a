import { AbiCoder, id, keccak256 } from "ethers";

import type { Hex } from "../sgx/bytes.ts";

/** What binds a quote to one registration of a node. */
export interface Registration {
  readonly chainId: bigint;
  /** NodeRegistry's address. */
  readonly registry: string;
  readonly provider: string;
  /** The node's {@link registrationNonce}. */
  readonly nonce: bigint;
  readonly blockNumber: bigint;
  readonly blockHash: string;
}

/** A node's registration nonce counts its attestations in the lowest bits; see contracts/libraries/NodeNonce.sol. */
const COUNT_BITS = 32n;

/**
 * The registration nonce that a node's quote names.
 *
 * @param nodeId The node.
 * @param attestations How many attestations of the node were accepted before, less than 2^32.
 */
export function registrationNonce(nodeId: bigint, attestations: bigint): bigint {
  return (nodeId << COUNT_BITS) | attestations;
}

const DOMAIN = id(
  "ComputingPowerNode(uint256 chainId,address registry,address provider,address enclaveKey,uint256 nonce,uint256 blockNumber,bytes32 blockHash)",
);

/** The first 32 bytes of the report data that a node's quote must have, as `NodeRegistry.reportDataOf` gives them. */
export function reportDataOf(registration: Registration, enclaveKey: string): Hex {
  const { chainId, registry, provider, nonce, blockNumber, blockHash } = registration;
  const types = ["bytes32", "uint256", "address", "address", "address", "uint256", "uint256", "bytes32"];
  const values = [DOMAIN, chainId, registry, provider, enclaveKey, nonce, blockNumber, blockHash];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, values)) as Hex;
}
