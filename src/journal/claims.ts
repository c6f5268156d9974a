import type { TypedDataDomain } from "ethers";
import { getAddress, hexlify } from "ethers";

import type { TaskVerdict } from "../eip712/task.ts";
import type { ChainViewMessage } from "../eip712/view.ts";
import type { Vouch } from "../eip712/vouch.ts";
import { enumName } from "../enums.ts";

/** Fields of a claim by name, numbers in decimal, bytes in lower case. */
export type Fields = Readonly<Record<string, string>>;

/** One of the things that a signature says: under the same `kind` and `about`, whoever says two things contradicts itself. */
export interface Claim {
  readonly kind: "verdict" | "registration" | "quote" | "judgement" | "view";
  readonly about: Fields;
  readonly says: Fields;
}

/** Whose claims, and under which contract's domain. */
export interface Signer {
  readonly chainId: string;
  readonly contract: string;
  readonly validator: string;
}

/** Who signs in a domain. */
export function signerIn({ chainId, verifyingContract }: TypedDataDomain, validator: string): Signer {
  return {
    chainId: BigInt(chainId ?? 0).toString(),
    contract: getAddress(verifyingContract ?? ""),
    validator: getAddress(validator),
  };
}

const text = (value: string | number | bigint): string =>
  typeof value === "string" ? value.toLowerCase() : value.toString();

/**
 * What a verdict claims. After a reorganisation the same number may be another task, so a result is named by its hash, the
 * task's terms, and the attestation that it rests on.
 */
export function claimsOfVerdict({ taskId, termsHash, resultHash, vouchedAttestation, verdict }: TaskVerdict): Claim[] {
  const about = {
    taskId: BigInt(taskId).toString(),
    termsHash: hexlify(termsHash),
    resultHash: hexlify(resultHash),
    vouchedAttestation: BigInt(vouchedAttestation).toString(),
  };
  return [{ kind: "verdict", about, says: { verdict: enumName("TaskStatus", BigInt(verdict)) } }];
}

/** What a view claims: which block is the one of a height. Ever after, whatever the chain makes of it. */
export function claimsOfView({ number, blockHash }: ChainViewMessage): Claim[] {
  const says = { blockHash: hexlify(blockHash) };
  return [{ kind: "view", about: { number: BigInt(number).toString() }, says }];
}

/**
 * What a vouching claims: that one registration is of one enclave on one platform; that a quote was made for one registration;
 * and how the quote is to be judged by one set of collateral. By another set it may be judged otherwise, and both are true.
 */
export function claimsOfVouch({ consumer, reportData, attestation, basis }: Vouch): Claim[] {
  const { quoteHash, tcbStatus, validUntil, ...enclave } = attestation;
  const { collateralHash, ...set } = basis;
  const fields = (values: object): Fields =>
    Object.fromEntries(Object.entries(values as Fields).map(([name, value]) => [name, text(value)]));
  return [
    { kind: "registration", about: fields({ consumer, reportData }), says: fields(enclave) },
    { kind: "quote", about: fields({ consumer, quoteHash }), says: fields({ reportData }) },
    {
      kind: "judgement",
      about: fields({ consumer, quoteHash, collateralHash }),
      says: fields({ tcbStatus, validUntil, ...set }),
    },
  ];
}
