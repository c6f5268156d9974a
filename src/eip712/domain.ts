import type { Signer, TypedDataDomain, TypedDataField } from "ethers";

/** Contracts that check EIP-712 signatures. */
export type SigningContract =
  "ChallengeManager" | "DataGrants" | "OrderEscrow" | "QuorumVerifier" | "TaskEscrow" | "UserRegistry" | "ValidatorSet";

/**
 * The EIP-712 domain of one of our contracts.
 *
 * @param chainId The chain that the contract is deployed on.
 * @param address The contract's address.
 */
export function domainOf(contract: SigningContract, chainId: bigint, address: string): TypedDataDomain {
  return { name: `ComputingPower.${contract}`, version: "1", chainId, verifyingContract: address };
}

/** An EIP-712 type of one struct, by its name. */
export type TypedData<Name extends string> = Record<Name, TypedDataField[]>;

/** What is needed of an account to sign typed data. */
export type TypedDataSigner = Pick<Signer, "signTypedData">;
