import type { PlatformContext } from "../support/context.ts";
import { checkPlace } from "../support/place.ts";
import { readDocument } from "../support/inputs.ts";
import { signedCapabilityForm, type SignedCapability } from "../../src/proxy/protocol.ts";

/** Reads an owner's capability. @throws {InputError} For one of another chain or deployment. */
export function readCapability(context: PlatformContext, file: string): SignedCapability {
  const capability = readDocument(file, signedCapabilityForm, "a capability for a proxy");
  const place = { named: capability.registry, expected: context.book.contracts.nodeRegistry };
  checkPlace(context, { chainId: Number(capability.chainId) }, place);
  return capability;
}
