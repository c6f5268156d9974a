import { AbiCoder, id, keccak256 } from "ethers";

import type { Hex } from "../sgx/bytes.ts";

/** What binds a quote to whoever asked for it, and to when. */
export interface FreshQuoteTerms {
  readonly chainId: bigint;
  /** NodeRegistry's address. */
  readonly registry: string;
  readonly nodeId: bigint;
  /** 32 bytes that whoever asks has just chosen at random. */
  readonly nonce: string;
  /** A recent block: the quote is no older. */
  readonly blockNumber: bigint;
  readonly blockHash: string;
}

const DOMAIN = id(
  "ComputingPowerFreshQuote(uint256 chainId,address registry,uint256 nodeId,address enclaveKey,bytes32 nonce,uint256 blockNumber,bytes32 blockHash)",
) as Hex;

/**
 * The 64 bytes of report data of a quote that shows somebody that an enclave is there now. It is never an attestation: the first half is a hash
 * in a domain of its own, and the second half names that domain, where the contracts take 32 zeros alone.
 */
export function freshReportDataOf(terms: FreshQuoteTerms, enclaveKey: string): Hex {
  const { chainId, registry, nodeId, nonce, blockNumber, blockHash } = terms;
  const types = ["bytes32", "uint256", "address", "uint256", "address", "bytes32", "uint256", "bytes32"];
  const values = [DOMAIN, chainId, registry, nodeId, enclaveKey, nonce, blockNumber, blockHash];
  const statement = keccak256(AbiCoder.defaultAbiCoder().encode(types, values));
  return `0x${statement.slice(2)}${DOMAIN.slice(2)}`;
}
