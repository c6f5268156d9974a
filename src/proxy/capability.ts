import { ZeroAddress } from "ethers";

import { capabilityHash, proxyDomain, signerOfCapability } from "../eip712/proxy.ts";
import type { ProxyPlace } from "./channel/enclave.ts";
import { ProxyError } from "./errors.ts";
import type { SignedCapability } from "./protocol.ts";
import type { Used } from "./vault/ownerVault.ts";

/** Who shows a capability to whom. */
export interface Presented {
  readonly place: ProxyPlace;
  /** The enclave's own. */
  readonly enclaveKey: string;
  /** The account that has signed the session. */
  readonly holder: string;
}

/** The hash by which a capability's uses are counted. */
export const hashOf = (capability: SignedCapability): string =>
  capabilityHash(proxyDomain(capability.chainId, capability.registry), capability);

/** Whether each use has to be a task that the chain has accepted. */
export const isPaid = ({ escrow }: SignedCapability): boolean => escrow !== ZeroAddress;

/**
 * Refuses a capability for anything else than this node's enclave, or that its owner has not signed as it is.
 *
 * @throws {ProxyError} CAPABILITY_REFUSED.
 */
export function requireGenuine(capability: SignedCapability, { place, enclaveKey }: Omit<Presented, "holder">): void {
  const refuse = (what: string): never => {
    throw new ProxyError("CAPABILITY_REFUSED", what);
  };
  const facts = [
    ["chain", capability.chainId, place.chainId],
    ["registry", capability.registry, place.registry],
    ["node", capability.nodeId, place.nodeId],
    ["enclave key", capability.enclaveKey, enclaveKey],
  ] as const;
  for (const [what, found, due] of facts) {
    if (found !== due) refuse(`The capability is for the ${what} ${String(found)}, not ${String(due)}`);
  }
  const domain = proxyDomain(place.chainId, place.registry);
  if (signerOfCapability(domain, capability, capability.signature) === capability.owner) return;
  refuse(`The capability does not have the signature of its owner ${capability.owner}`);
}

/**
 * Refuses a capability that somebody else has shown than its holder, or that is not genuine.
 *
 * @throws {ProxyError} CAPABILITY_REFUSED.
 */
export function requireShown(capability: SignedCapability, presented: Presented): void {
  if (capability.holder !== presented.holder) {
    const what = `The capability is for ${capability.holder}, and ${presented.holder} has shown it`;
    throw new ProxyError("CAPABILITY_REFUSED", what);
  }
  requireGenuine(capability, presented);
}

/**
 * Refuses a capability that is good no more.
 *
 * @param time Unix seconds: the latest that the proxy knows.
 * @throws {ProxyError} CAPABILITY_REVOKED, CAPABILITY_EXPIRED.
 */
export function requireStanding({ until }: SignedCapability, { isRevoked }: Used, time: number): void {
  if (isRevoked) throw new ProxyError("CAPABILITY_REVOKED", "Its owner has revoked the capability");
  if (BigInt(time) < until) return;
  throw new ProxyError(
    "CAPABILITY_EXPIRED",
    `The capability was good until ${until.toString()}, and it is ${time} now`,
  );
}

/**
 * Refuses a use more than there are.
 *
 * @throws {ProxyError} CAPABILITY_USED_UP.
 */
export function requireLeft({ uses, budget }: SignedCapability, used: Used): void {
  if (BigInt(used.uses) >= uses) {
    throw new ProxyError("CAPABILITY_USED_UP", `The capability was good for ${uses.toString()} uses, which are over`);
  }
  if (BigInt(used.bytes) < budget) return;
  throw new ProxyError(
    "CAPABILITY_USED_UP",
    `The capability was good for ${budget.toString()} bytes, which were given`,
  );
}
