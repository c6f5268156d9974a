import type { TypedDataDomain } from "ethers";

import type { TypedData, TypedDataSigner } from "./domain.ts";

/**
 * The EIP-712 domain of what gateways and their users sign. No contract checks it; the escrow's address stands for the platform whose orders
 * are meant.
 *
 * @param orderEscrow The address of OrderEscrow.
 */
export function gatewayDomain(chainId: bigint, orderEscrow: string): TypedDataDomain {
  return { name: "ComputingPower.Gateway", version: "1", chainId, verifyingContract: orderEscrow };
}

/** A short token that a wallet signs for itself, for one gateway and one order. */
export const accessTokenTypes: TypedData<"AccessToken"> = {
  AccessToken: [
    { name: "account", type: "address" },
    { name: "node", type: "uint256" },
    { name: "gateway", type: "string" },
    { name: "order", type: "uint256" },
    { name: "terms", type: "bytes32" },
    { name: "scopes", type: "string[]" },
    { name: "issuedAt", type: "uint256" },
    { name: "expiresAt", type: "uint256" },
    { name: "nonce", type: "bytes32" },
  ],
};

/** What a user lets another account do with an order, until then or until the user takes it back. */
export const delegationTypes: TypedData<"Delegation"> = {
  Delegation: [
    { name: "user", type: "address" },
    { name: "delegate", type: "address" },
    { name: "order", type: "uint256" },
    { name: "terms", type: "bytes32" },
    { name: "scopes", type: "string[]" },
    { name: "issuedAt", type: "uint256" },
    { name: "until", type: "uint256" },
    { name: "nonce", type: "bytes32" },
  ],
};

/**
 * A user's withdrawal of a delegation by its EIP-712 hash (zero for none), and of all that were issued before a time (0 for none). What is
 * withdrawn stays so for good.
 */
export const revocationTypes: TypedData<"Revocation"> = {
  Revocation: [
    { name: "user", type: "address" },
    { name: "delegation", type: "bytes32" },
    { name: "before", type: "uint256" },
  ],
};

/** A request to deploy the manifest at a URL, if its bytes have this SHA-256. */
export const deployTypes: TypedData<"Deploy"> = {
  Deploy: [
    { name: "account", type: "address" },
    { name: "node", type: "uint256" },
    { name: "gateway", type: "string" },
    { name: "order", type: "uint256" },
    { name: "terms", type: "bytes32" },
    { name: "url", type: "string" },
    { name: "sha256", type: "bytes32" },
    { name: "nonce", type: "bytes32" },
    { name: "until", type: "uint256" },
  ],
};

/** A provider's statement of what it has deployed. */
export const receiptTypes: TypedData<"Receipt"> = {
  Receipt: [
    { name: "provider", type: "address" },
    { name: "node", type: "uint256" },
    { name: "gateway", type: "string" },
    { name: "order", type: "uint256" },
    { name: "terms", type: "bytes32" },
    { name: "url", type: "string" },
    { name: "sha256", type: "bytes32" },
    { name: "images", type: "string[]" },
    { name: "endpoints", type: "string[]" },
    { name: "deployedAt", type: "uint256" },
    { name: "request", type: "bytes32" },
  ],
};

/** What a provider says that it has deployed. */
export interface ReceiptMessage {
  readonly provider: string;
  readonly node: number;
  /** The gateway's origin. */
  readonly gateway: string;
  readonly order: number;
  /** Hash of the order's terms. */
  readonly terms: string;
  readonly url: string;
  /** Of the manifest, 32 bytes in hex. */
  readonly sha256: string;
  readonly images: readonly string[];
  readonly endpoints: readonly string[];
  /** Unix seconds. */
  readonly deployedAt: number;
  /** EIP-712 hash of the user's request. */
  readonly request: string;
}

/** Signs a receipt in a provider's name: 65 bytes (r, s, v) in hex. */
export async function signReceiptMessage(
  provider: TypedDataSigner,
  domain: TypedDataDomain,
  receipt: ReceiptMessage,
): Promise<string> {
  return provider.signTypedData(domain, receiptTypes, receipt);
}

/** A request to have a manifest deployed. */
export interface DeployMessage {
  readonly account: string;
  readonly node: number;
  /** The gateway's origin. */
  readonly gateway: string;
  readonly order: number;
  /** Hash of the order's terms. */
  readonly terms: string;
  readonly url: string;
  /** Of the manifest, 32 bytes in hex. */
  readonly sha256: string;
  /** 32 random bytes in hex. */
  readonly nonce: string;
  /** Unix seconds. */
  readonly until: number;
}

/** Signs a request to have a manifest deployed: 65 bytes (r, s, v) in hex. */
export async function signDeploy(
  account: TypedDataSigner,
  domain: TypedDataDomain,
  message: DeployMessage,
): Promise<string> {
  return account.signTypedData(domain, deployTypes, message);
}
