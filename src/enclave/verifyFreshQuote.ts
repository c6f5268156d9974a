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

/** Seconds that a block may be old which a quote names: as old as one that an attestation may name. */
const MAX_BLOCK_AGE = 3_600n;

/**
 * Checks that the block which a fresh quote names is the chain's, and a recent one.
 *
 * @param block The chain's block of that number; null where it has none.
 * @param now Unix seconds.
 * @returns The block's age in seconds.
 * @throws {InputError} Otherwise.
 */
export function ageOfNamedBlock(
  { blockNumber, blockHash }: Pick<FreshQuoteTerms, "blockNumber" | "blockHash">,
  block: { readonly hash: string | null; readonly timestamp: number } | null,
  now: bigint,
): bigint {
  const named = `The quote names block ${blockNumber.toString()}`;
  if (block?.hash !== blockHash) {
    const problem = `${named} with the hash ${blockHash}, which this chain does not have`;
    throw new InputError(problem, "Try again; if it persists, the gateway reads another chain.");
  }
  const age = now - BigInt(block.timestamp);
  if (age <= MAX_BLOCK_AGE) return age;
  const problem = `${named}, which is ${age.toString()} seconds old`;
  throw new InputError(problem, "Try again; if it persists, the gateway reads a chain that stands still.");
}

/**
 * Verifies, without asking anybody, that a quote was made by a node's enclave, on the platform that the node was attested on, over a nonce. How
 * old it is, {@link ageOfNamedBlock} says.
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
