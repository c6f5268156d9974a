import { newestEvent } from "../../../src/chain/history.ts";
import type { ChainContext } from "../chain/chainContext.ts";

/** A node's newest attestation. */
export interface Attested {
  readonly quoteHash: string;
  readonly platformId: string;
  /** Number of the block that it came in. */
  readonly block: number;
  readonly transactionHash: string;
}

/** Reads a node's newest attestation; nothing where there is none. */
export async function readAttestation(chain: ChainContext, nodeId: bigint): Promise<Attested | undefined> {
  const { nodeRegistry } = chain.protocol;
  const event = await newestEvent(chain.history, nodeRegistry, nodeRegistry.filters.NodeAttested(nodeId));
  if (event === undefined) return undefined;
  const { quoteHash, platformId } = event.args;
  return { quoteHash, platformId, block: event.blockNumber, transactionHash: event.transactionHash };
}

/** What a status of the platform's trusted computing base means, after Intel's documentation of TCB info. */
export const TCB_WORDS: Readonly<Record<string, string>> = {
  UpToDate: "Intel knows no fault of it.",
  SWHardeningNeeded: "The code in the enclave must defend itself against known attacks, as its advisories say.",
  ConfigurationNeeded: "The machine must be configured as Intel's advisories say.",
  ConfigurationAndSWHardeningNeeded: "The machine and the code must both be set up as Intel's advisories say.",
  OutOfDate: "Its firmware is old, and Intel knows faults of it.",
  OutOfDateConfigurationNeeded: "Its firmware is old, and the machine must be configured too.",
  Revoked: "Intel has revoked it.",
  None: "It has not been attested.",
};

/** Who verified a quote, in a sentence. */
export const VERIFIER_WORDS: Readonly<Record<string, string>> = {
  OnChain: "The contracts checked Intel's signatures themselves: nobody's word is in it.",
  Quorum:
    "Validators with two thirds of the stake have checked Intel's signatures, and answer for it with their stake.",
  None: "Nobody has verified a quote yet.",
};
