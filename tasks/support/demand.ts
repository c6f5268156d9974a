import { nowOf, type PlatformContext } from "./context.ts";
import { enumNumber } from "../../src/enums.ts";
import * as facts from "../../src/facts/demand.ts";
import { InputError } from "../../src/inputError.ts";

/** What can be asked of a node's attestation, by the words for it. */
const DEMANDS = { final: "Final", "on-chain": "OnChain", live: "Live" } as const;

/** Reads what is asked of a node's attestation, as contracts take it. */
export function parseDemand(text: string): number {
  if (Object.hasOwn(DEMANDS, text)) return enumNumber("AttestationDemand", DEMANDS[text as keyof typeof DEMANDS]);
  throw new InputError(`"${text}" is not a demand on an attestation`, "Give final, on-chain or live.");
}

/** Why a node's attestation is not as demanded now, as DataGrants and TaskEscrow judge it; nothing where it is. */
export async function unmetDemand(
  context: PlatformContext,
  nodeId: bigint,
  demand: bigint | number,
): Promise<string | undefined> {
  return facts.unmetDemand(context, nodeId, demand, await nowOf(context));
}
