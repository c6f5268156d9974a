import { keccak256, Signature, type TypedDataDomain, TypedDataEncoder, recoverAddress } from "ethers";

import { domainOf, type TypedData, type TypedDataSigner } from "../eip712/domain.ts";
import { type ProofBinding, proofPrefix } from "./prefix.ts";

/** The EIP-712 type that an enclave signs once per answer. */
export const answerTypes: TypedData<"Answer"> = {
  Answer: [
    { name: "nodeId", type: "uint256" },
    { name: "epoch", type: "uint256" },
    { name: "prefix", type: "bytes32" },
    { name: "noncesHash", type: "bytes32" },
  ],
};

/** The values of the EIP-712 type. */
export interface AnswerMessage {
  readonly nodeId: bigint;
  readonly epoch: bigint;
  readonly prefix: string;
  /** keccak256 of the packed nonces. */
  readonly noncesHash: string;
}

/** What the signature of an answer is made over. */
export interface AnswerContent extends ProofBinding {
  readonly epoch: bigint;
  /** Packed, sorted by hash. */
  readonly nonces: Uint8Array;
}

function answerDomain({ chainId, challengeManager }: ProofBinding): TypedDataDomain {
  return domainOf("ChallengeManager", chainId, challengeManager);
}

/** The EIP-712 message of an answer. */
export function answerMessage(content: AnswerContent): AnswerMessage {
  return {
    nodeId: content.nodeId,
    epoch: content.epoch,
    prefix: proofPrefix(content),
    noncesHash: keccak256(content.nonces),
  };
}

/** The 32 bytes in hex that are signed. */
export function answerDigest(content: AnswerContent): string {
  return TypedDataEncoder.hash(answerDomain(content), answerTypes, answerMessage(content));
}

/**
 * Signs an answer with the enclave's key.
 *
 * @returns The signature's 65 bytes (r, s, v) in hex.
 */
export async function signAnswer(enclave: TypedDataSigner, content: AnswerContent): Promise<string> {
  return enclave.signTypedData(answerDomain(content), answerTypes, answerMessage(content));
}

/**
 * Who signed an answer.
 *
 * @returns The address, or undefined for what the contract takes for no signature at all: not 65 bytes, a high s
 * (EIP-2), a v other than 27 or 28, or a point that does not exist.
 */
export function answerSigner(content: AnswerContent, signature: string): string | undefined {
  if (!/^0x[0-9a-f]{128}1[bc]$/i.test(signature)) return undefined;
  try {
    return recoverAddress(answerDigest(content), Signature.from(signature));
  } catch {
    return undefined;
  }
}
