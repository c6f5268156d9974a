import { freshReportDataOf, type FreshQuoteTerms } from "./freshQuote.ts";
import { InputError } from "../inputError.ts";
import type { Collateral, Hex, QuoteReport } from "../sgx/index.ts";
import { verifyQuote } from "../sgx/verifyQuote.ts";

/** What a fresh quote has to be of. */
export interface FreshQuoteExpectation {
  readonly terms: FreshQuoteTerms;
  /** The node's, as the chain has them. */
  readonly enclaveKey: string;
  readonly mrEnclave: string;
  /** The platform of the node's newest attestation. */
  readonly platformId: string;
}

/** What a fresh quote is verified with. */
export interface FreshQuoteVerification {
  readonly quote: Uint8Array;
  readonly collateral: Collateral;
  /** The trusted root's public key, x and y, 64 bytes. */
  readonly root: Hex;
  /** Unix seconds at which all must hold. */
  readonly time: bigint;
}

/**
 * Verifies, without asking anybody, that a quote was made by a node's enclave, on the platform that the node was attested on, over a nonce. That
 * the block of the terms is on the chain, and recent, is the caller's to see.
 *
 * @throws {SgxVerificationError} For a quote that does not hold.
 * @throws {InputError} For one of something else.
 */
export function verifyFreshQuote(
  verification: FreshQuoteVerification,
  { terms, enclaveKey, mrEnclave, platformId }: FreshQuoteExpectation,
): QuoteReport {
  const report = verifyQuote(verification);
  const facts: readonly (readonly [what: string, found: string, expected: string])[] = [
    ["report data", report.reportData, freshReportDataOf(terms, enclaveKey)],
    ["measurement", report.attestation.mrEnclave, mrEnclave],
    ["platform", report.attestation.platformId, platformId],
  ];
  for (const [what, found, expected] of facts) {
    if (found === expected) continue;
    throw new InputError(
      `The quote holds, but its ${what} is ${found} instead of ${expected}`,
      "It says nothing about the node now: do not rely on it.",
    );
  }
  return report;
}
