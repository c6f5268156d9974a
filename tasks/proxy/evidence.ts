import { ZeroAddress } from "ethers";

import type { PlatformContext } from "../support/context.ts";
import { proofNetworkOf } from "../support/proofNetwork.ts";
import { viewSourcesAt } from "../support/untilSigned.ts";
import { InputError } from "../../src/inputError.ts";
import type { ProxyClient } from "../../src/proxy/client.ts";
import { collectGrantEvidence, type GrantEvidence } from "../../src/proxy/grantEvidence.ts";
import type { SignedCapability } from "../../src/proxy/protocol.ts";
import type { ViewSource } from "../../src/view/collect.ts";

/** The validators that are asked for blocks that they have signed. */
export function sourcesOf(validators: string): ViewSource[] {
  const sources = viewSourcesAt(validators);
  if (sources.length === 0) {
    const problem = "The chain can revoke the capability, and no validators are named that show whether it did";
    throw new InputError(problem, "Name the URLs of validators' APIs with --validators.");
  }
  return sources;
}

/** What shows a proxy that a capability was not revoked on chain, where something there can revoke it. */
export async function evidenceFor(
  { provider }: PlatformContext,
  client: ProxyClient,
  capability: SignedCapability,
  validators: string,
): Promise<GrantEvidence | undefined> {
  if (capability.grants === ZeroAddress) return undefined;
  const { trust, belief } = await client.chain();
  // Without a chain of its own the proxy refuses, and says why.
  if (trust === null || belief === null) return undefined;
  const parts = { network: proofNetworkOf(provider), sources: sourcesOf(validators), trust, belief };
  return collectGrantEvidence(parts, capability);
}
