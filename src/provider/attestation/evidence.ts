import { getBytes } from "ethers";

import { collectVouching } from "./quorum.ts";
import { evidenceFor } from "../../collateral/evidence.ts";
import { familyOfQuote } from "../../collateral/family.ts";
import { readForDocuments } from "../../collateral/read.ts";
import { submitPlan } from "../../collateral/submit.ts";
import type { QuoteDocument } from "../../documents/nodes.ts";
import { planFor } from "../collateral/plan.ts";
import type { ProviderParts } from "../parts.ts";
import type { NodeView } from "../view.ts";

/** Evidence for a quote, and the verifier that takes it. */
export interface QuoteEvidence {
  readonly verifier: string;
  readonly evidence: string;
}

/** More seconds than any document holds. */
const ANY = 1n << 40n;

/**
 * Evidence by which the chain itself verifies a quote. Collateral that it lacks is submitted first, where a source is configured; where the node is
 * suspended, all that is newer: it may take back what a document on chain says.
 *
 * @throws {InputError} When the chain has no collateral for it, and none was to be had.
 */
async function evidenceOnChain(
  parts: ProviderParts,
  quote: Uint8Array,
  { suspendedSince }: Pick<NodeView, "suspendedSince">,
): Promise<QuoteEvidence> {
  const { chain } = parts;
  const family = familyOfQuote(quote);
  const plan = await planFor(parts, family, suspendedSince === 0n ? 0n : ANY);
  if (plan !== undefined) await submitPlan(parts, family, plan);
  return readForDocuments(chain, "the evidence for a quote", async ({ collateralStore, dcapVerifier }, { time }) => {
    const place = { store: collateralStore, verifier: dcapVerifier, fromBlock: chain.book.fromBlock };
    const wishes = plan === undefined ? {} : { number: plan.number };
    const { evidence } = await evidenceFor(place, quote, BigInt(time), wishes);
    return { verifier: chain.book.contracts.dcapVerifier, evidence };
  });
}

/** Evidence for a quote by the way that is configured. */
export async function evidenceOf(
  parts: ProviderParts,
  document: QuoteDocument,
  node: Pick<NodeView, "suspendedSince">,
): Promise<QuoteEvidence> {
  if (parts.config.attestation.by === "chain") return evidenceOnChain(parts, getBytes(document.quote), node);
  const evidence = await collectVouching(parts, document);
  return { verifier: parts.chain.book.contracts.quorumVerifier, evidence };
}
