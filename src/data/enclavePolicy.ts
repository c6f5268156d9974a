import type { EnclavePolicy } from "../documents/policies.ts";
import type { Hex } from "../sgx/bytes.ts";

export type { EnclavePolicy, PinnedNode } from "../documents/policies.ts";

/** The longest that a registry lets an attestation stand: 90 days. No live node's quote is older. */
const MAX_QUOTE_AGE = 90 * 86_400;

/**
 * The policy for measurements that somebody has reviewed, otherwise as careful as is useful: platforms that are up to date, or need
 * nothing but hardened software, and no advisory of Intel's that nobody has looked at.
 *
 * @param place The chain, and NodeRegistry's address.
 */
export function safePolicy(
  place: { readonly chainId: bigint; readonly registry: string },
  measurements: readonly Hex[],
): EnclavePolicy {
  return {
    kind: "enclave-policy",
    chainId: Number(place.chainId),
    registry: place.registry,
    measurements: [...measurements],
    statuses: ["UpToDate", "SWHardeningNeeded"],
    advisories: [],
    evaluationNumber: 0,
    maxQuoteAge: MAX_QUOTE_AGE,
    nodes: [],
  };
}
