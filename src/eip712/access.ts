import { encodeBase64, hexlify, randomBytes, toUtf8Bytes, TypedDataEncoder, ZeroHash } from "ethers";

import type { TypedDataSigner } from "./domain.ts";
import { accessTokenTypes, delegationTypes, gatewayDomain, revocationTypes } from "./gateway.ts";

/** Whom a token is for: nobody else takes it. */
export interface Audience {
  readonly chainId: number;
  /** Address of OrderEscrow. */
  readonly orderEscrow: string;
  /** The node that the gateway serves. */
  readonly node: number;
  /** The gateway's origin, such as `https://node.example`. */
  readonly gateway: string;
}

/** The order that a token is about. */
export interface NamedOrder {
  readonly order: number;
  /** The order's terms hash, as `orderTermsHash` gives it. */
  readonly terms: string;
}

/** What a wallet asks for by its own token. */
export interface TokenRequest extends NamedOrder {
  /** The account that signs: the order's user, or its delegate. */
  readonly account: string;
  /** Such as "deploy", "logs", "access", "secrets". */
  readonly scopes: readonly string[];
  /** Unix seconds from which it is good. */
  readonly issuedAt: number;
  /** Seconds that it is good for, at most {@link LONGEST_TOKEN}. */
  readonly lifetime: number;
}

/** What a user lets a delegate do. */
export interface DelegationRequest extends NamedOrder {
  readonly user: string;
  readonly delegate: string;
  readonly scopes: readonly string[];
  /** Unix seconds. */
  readonly issuedAt: number;
  /** Unix seconds. */
  readonly until: number;
}

/** Seconds that a wallet's own token is good for at most. */
export const LONGEST_TOKEN = 900;

/** What a wallet's own token begins with. */
export const WALLET_TOKEN_PREFIX = "wallet.";

/** The request header that carries a delegation. */
export const DELEGATION_HEADER = "computing-power-delegation";

/** JSON in base64url, without padding. Works in browsers. */
function encodeJson(value: unknown): string {
  const base64 = encodeBase64(toUtf8Bytes(JSON.stringify(value)));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const domainFor = ({ chainId, orderEscrow }: Pick<Audience, "chainId" | "orderEscrow">) =>
  gatewayDomain(BigInt(chainId), orderEscrow);

/**
 * Has a wallet sign a token of its own, without asking the gateway first.
 *
 * @param wallet The account of the request.
 * @returns What stands behind "Bearer " in the header `authorization`.
 */
export async function signAccessToken(
  wallet: TypedDataSigner,
  audience: Audience,
  { lifetime, ...request }: TokenRequest,
): Promise<string> {
  const { node, gateway, chainId, orderEscrow } = audience;
  const expiresAt = request.issuedAt + lifetime;
  const token = { ...request, node, gateway, expiresAt, nonce: hexlify(randomBytes(32)) };
  const signature = await wallet.signTypedData(domainFor(audience), accessTokenTypes, token);
  return `${WALLET_TOKEN_PREFIX}${encodeJson({ ...token, chainId, orderEscrow })}.${signature}`;
}

/**
 * Has a user sign a delegation.
 *
 * @returns The value of the header {@link DELEGATION_HEADER}, for the delegate to send, and the hash by which it is revoked.
 */
export async function signDelegation(
  user: TypedDataSigner,
  platform: Pick<Audience, "chainId" | "orderEscrow">,
  request: DelegationRequest,
): Promise<{ readonly header: string; readonly hash: string }> {
  const delegation = { ...request, nonce: hexlify(randomBytes(32)) };
  const domain = domainFor(platform);
  const signature = await user.signTypedData(domain, delegationTypes, delegation);
  return {
    header: encodeJson({ ...delegation, signature }),
    hash: TypedDataEncoder.hash(domain, delegationTypes, delegation),
  };
}

/** What `POST /v1/auth/revocations` takes. */
export interface SignedRevocation {
  readonly user: string;
  /** An order that the user has at the gateway's node; not signed, because a revocation is about no order alone. */
  readonly order: number;
  /** Hash of the delegation; zero for none. */
  readonly delegation: string;
  /** Unix seconds: all that were issued before are withdrawn; 0 for none. */
  readonly before: number;
  readonly signature: string;
}

/** Has a user sign the withdrawal of one delegation, of all that were issued before a time, or of both. */
export async function signRevocation(
  user: TypedDataSigner,
  platform: Pick<Audience, "chainId" | "orderEscrow">,
  withdrawn: { readonly user: string; readonly order: number; readonly delegation?: string; readonly before?: number },
): Promise<SignedRevocation> {
  const { delegation = ZeroHash, before = 0 } = withdrawn;
  const revocation = { user: withdrawn.user, delegation, before };
  const signature = await user.signTypedData(domainFor(platform), revocationTypes, revocation);
  return { ...revocation, order: withdrawn.order, signature };
}
