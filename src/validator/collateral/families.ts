import { getBytes } from "ethers";

import type { QuoteStore } from "../store/quotes.ts";
import type { ChainAccess } from "../../chain/access.ts";
import { describeFamily, familyOfQuote, type PlatformFamily } from "../../collateral/family.ts";
import { familyOfKnownLeaf } from "../../collateral/recheck.ts";
import { bytesOfDigits, type Hex } from "../../sgx/bytes.ts";
import { SgxVerificationError } from "../../sgx/errors.ts";
import type { Attestations, Attested } from "../watch/attestations.ts";
import type { Events } from "../watch/feed.ts";

/** Where the families are read. */
export interface FamilyParts {
  readonly chain: ChainAccess;
  readonly feed: Events;
  readonly attestations: Attestations;
  readonly quotes: Pick<QuoteStore, "quoteOf">;
  readonly confirmations: number;
}

/** So many families are kept at most, those of the oldest nodes first: whoever attests nodes could make up many. */
const MOST = 64;
/** The id of Intel's usual provisioning certification enclave, for quotes that are not at hand: what a quorum signs does not name it. */
const USUAL_PCE_ID = "0x0000";

/** The platform families of all nodes that are live, each once. */
export async function familiesInUse(parts: FamilyParts): Promise<PlatformFamily[]> {
  const newest = parts.attestations.newest();
  const live = await parts.chain.read("which nodes are live", async ({ nodeRegistry }, { number }) =>
    Promise.all(newest.map(async ({ nodeId }) => nodeRegistry.isLive(nodeId, { blockTag: number }))),
  );
  const families = familiesOf(
    parts,
    newest.filter((_, i) => live[i]),
  );
  return [...new Map(families.map((family) => [describeFamily(family), family])).values()].slice(0, MOST);
}

function familiesOf({ feed, quotes, confirmations }: FamilyParts, attested: readonly Attested[]): PlatformFamily[] {
  const vouched = feed.events({ contract: "quorumVerifier", name: "QuoteVouched" }, { confirmations });
  const byQuote = new Map(vouched.map(({ args }) => [args.quoteHash, args]));
  const judged = feed.events({ contract: "dcapVerifier", name: "PckJudged" }, { confirmations });
  const byPlatform = new Map(judged.map(({ args }) => [args.platformId, args]));
  return attested.flatMap(({ nodeId, quoteHash, platformId }): PlatformFamily[] => {
    const said = byQuote.get(quoteHash);
    if (said !== undefined) {
      const ca = said.basis.ca === 0n ? "platform" : "processor";
      return [{ ca, fmspc: said.attestation.fmspc as Hex, pceId: pceIdOf(quotes.quoteOf(nodeId, quoteHash)) }];
    }
    const known = byPlatform.get(platformId);
    return known === undefined ? [] : [familyOfKnownLeaf(bytesOfDigits(known.leaf))];
  });
}

/** The id that a quote's certificate names; the usual one where there is no such quote. */
function pceIdOf(quote: string | undefined): Hex {
  if (quote === undefined) return USUAL_PCE_ID;
  try {
    return familyOfQuote(getBytes(quote)).pceId;
  } catch (error) {
    // What a quorum vouched for falsely may be no quote at all.
    if (error instanceof SgxVerificationError) return USUAL_PCE_ID;
    throw error;
  }
}
