import { TypedDataEncoder, verifyTypedData, type TypedDataDomain } from "ethers";

import type { TypedData, TypedDataSigner } from "./domain.ts";

/**
 * The EIP-712 domain of what enclaves, owners and holders of capabilities sign for personal proxies. No contract checks it; the registry's
 * address stands for the platform whose nodes are meant.
 *
 * @param registry The address of NodeRegistry.
 */
export function proxyDomain(chainId: bigint, registry: string): TypedDataDomain {
  return { name: "ComputingPower.Proxy", version: "1", chainId, verifyingContract: registry };
}

const channelOfferTypes: TypedData<"ChannelOffer"> = {
  ChannelOffer: [
    { name: "nodeId", type: "uint256" },
    { name: "enclaveKey", type: "address" },
    { name: "version", type: "uint256" },
    { name: "clientNonce", type: "bytes32" },
    { name: "session", type: "bytes32" },
    { name: "key", type: "bytes32" },
  ],
};

/** What an enclave signs to have one client seal one session to a key that is good for nothing else. */
export interface ChannelOffer {
  readonly nodeId: bigint;
  readonly enclaveKey: string;
  /** The protocol's. */
  readonly version: number;
  /** 32 bytes of the client's choice. */
  readonly clientNonce: string;
  /** 32 bytes of the enclave's choice. */
  readonly session: string;
  /** An X25519 public key, made for this session. */
  readonly key: string;
}

/** The digest of an offer, which a session's transcript begins with. */
export function channelOfferDigest(domain: TypedDataDomain, offer: ChannelOffer): string {
  return TypedDataEncoder.hash(domain, channelOfferTypes, offer);
}

const proxySessionTypes: TypedData<"ProxySession"> = {
  ProxySession: [
    { name: "account", type: "address" },
    { name: "nodeId", type: "uint256" },
    { name: "enclaveKey", type: "address" },
    { name: "transcript", type: "bytes32" },
  ],
};

/** What a wallet signs to be the one who speaks in a session. */
export interface ProxySession {
  readonly account: string;
  readonly nodeId: bigint;
  readonly enclaveKey: string;
  /** Hash of all that client and enclave have chosen for the channel: the signature is good for no other. */
  readonly transcript: string;
}

/** Has a wallet sign a session: 65 bytes (r, s, v) in hex. */
export async function signProxySession(
  account: TypedDataSigner,
  domain: TypedDataDomain,
  session: ProxySession,
): Promise<string> {
  return account.signTypedData(domain, proxySessionTypes, { ...session });
}

const capabilityTypes: TypedData<"Capability"> = {
  Capability: [
    { name: "owner", type: "address" },
    { name: "holder", type: "address" },
    { name: "nodeId", type: "uint256" },
    { name: "enclaveKey", type: "address" },
    { name: "contentHash", type: "bytes32" },
    { name: "program", type: "bytes32" },
    { name: "uses", type: "uint256" },
    { name: "budget", type: "uint256" },
    { name: "until", type: "uint256" },
    { name: "escrow", type: "address" },
    { name: "grants", type: "address" },
    { name: "datasetId", type: "uint256" },
    { name: "grantNonce", type: "uint256" },
    { name: "firstView", type: "bytes32" },
    { name: "nonce", type: "bytes32" },
  ],
};

/** What an owner lets another account ask the owner's proxy. */
export interface Capability {
  readonly owner: string;
  /** Who may use it. */
  readonly holder: string;
  readonly nodeId: bigint;
  readonly enclaveKey: string;
  /** The dataset: keccak256 of its encrypted file. */
  readonly contentHash: string;
  /** The hash of the program that may be run, and of no other. */
  readonly program: string;
  /** How often. */
  readonly uses: bigint;
  /** The most bytes of results, of all uses together. */
  readonly budget: bigint;
  /** Unix seconds. */
  readonly until: bigint;
  /** TaskEscrow, through whose accepted tasks each use is paid; the zero address for uses that cost nothing. */
  readonly escrow: string;
  /** DataGrants, where revoking the dataset's grant to the node ends the capability; the zero address where nothing on chain ends it. */
  readonly grants: string;
  /** The dataset's id there. */
  readonly datasetId: bigint;
  /** The nonce of the dataset's grant to the node when the owner signed, whether or not there is a grant. */
  readonly grantNonce: bigint;
  /** Whom the owner believes of the chain: the hash that `firstViewHash` gives. */
  readonly firstView: string;
  /** 32 random bytes. */
  readonly nonce: string;
}

/** Has an owner sign a capability: 65 bytes (r, s, v) in hex. */
export async function signCapability(
  owner: TypedDataSigner,
  domain: TypedDataDomain,
  capability: Capability,
): Promise<string> {
  return owner.signTypedData(domain, capabilityTypes, { ...capability });
}

/** The hash by which a capability's uses are counted and by which it is revoked. */
export function capabilityHash(domain: TypedDataDomain, capability: Capability): string {
  return TypedDataEncoder.hash(domain, capabilityTypes, { ...capability });
}

function recovered(sign: () => string): string | undefined {
  try {
    return sign();
  } catch {
    return undefined;
  }
}

/** The account whose key signed a session; undefined for what is no signature. */
export const signerOfProxySession = (
  domain: TypedDataDomain,
  session: ProxySession,
  signature: string,
): string | undefined => recovered(() => verifyTypedData(domain, proxySessionTypes, { ...session }, signature));

/** The account whose key signed a capability; undefined for what is no signature. */
export const signerOfCapability = (
  domain: TypedDataDomain,
  capability: Capability,
  signature: string,
): string | undefined => recovered(() => verifyTypedData(domain, capabilityTypes, { ...capability }, signature));

/** The account whose key signed an offer of a channel; undefined for what is no signature. */
export const signerOfChannelOffer = (
  domain: TypedDataDomain,
  offer: ChannelOffer,
  signature: string,
): string | undefined => recovered(() => verifyTypedData(domain, channelOfferTypes, { ...offer }, signature));
