import { getBytes } from "ethers";

import { formatTime } from "../../amounts.ts";
import { IQuoteJudge__factory } from "../../bindings.ts";
import { encodeDocuments } from "../../collateral/documents.ts";
import { enumName, type EnumValue } from "../../enums.ts";
import { InputError } from "../../inputError.ts";
import type { Protocol } from "../../protocol.ts";
import type { Attestation } from "../../sgx/attestation.ts";
import type { CollateralBasis } from "../../sgx/basis.ts";
import type { Hex } from "../../sgx/bytes.ts";
import type { Collateral } from "../../sgx/collateral.ts";
import { verifyQuote, type QuoteReport } from "../../sgx/verifyQuote.ts";

/** By what a quote is judged: what this validator fetched, and what the validators sign for together. */
export interface BothCollaterals {
  readonly own: Collateral;
  readonly shared: Collateral;
}

/** Seconds by which the lists that validators share may be older than those that one of them gets from Intel. */
const TOLERANCE = 86_400n;

/**
 * Refuses shared collateral that says less than one's own: another set, or lists that have fallen behind.
 *
 * @param remedy What to do about it.
 * @throws {InputError} Which says what is old.
 */
export function checkNotBehind(shared: CollateralBasis, own: CollateralBasis, remedy: string): void {
  if (shared.evaluationNumber < own.evaluationNumber) {
    const problem = `The other validators judged by set ${String(shared.evaluationNumber)}, Intel's server has ${String(own.evaluationNumber)}`;
    throw new InputError(problem, remedy);
  }
  for (const [name, title] of [
    ["rootCrlIssuedAt", "Root CA"],
    ["pckCrlIssuedAt", "PCK CA"],
  ] as const) {
    if (shared[name] + TOLERANCE >= own[name]) continue;
    const problem = `The other validators judged by a list of the ${title} of ${formatTime(shared[name])}, Intel's server has one of ${formatTime(own[name])}`;
    throw new InputError(problem, remedy);
  }
}

/** A quote to be verified. */
export interface QuoteQuestion {
  /** The quote's bytes, in hex. */
  readonly quote: string;
  /** The trusted root; Intel's by default. */
  readonly root?: Hex | undefined;
  /** The report data that it must begin with. */
  readonly reportData: Hex;
  /** Unix seconds of the chain's clock. */
  readonly time: bigint;
}

/**
 * Verifies a quote by what this validator fetched and by what all of them sign for. Both must find the same status.
 *
 * @param remedy What to do where what is shared does not do.
 * @returns What the shared collateral says.
 * @throws {SgxVerificationError} For a quote that is not good.
 * @throws {InputError} For shared collateral that is not to be signed for.
 */
export function verifyByBoth(
  { quote, root, reportData, time }: QuoteQuestion,
  { own: mine, shared: theirs }: BothCollaterals,
  remedy: string,
): QuoteReport {
  const by = (collateral: Collateral): QuoteReport =>
    verifyQuote({
      quote: getBytes(quote),
      collateral,
      ...(root === undefined ? {} : { root }),
      time,
      expectedReportData: reportData,
    });
  const [own, shared] = [by(mine), by(theirs)];
  checkNotBehind(shared.basis, own.basis, remedy);
  const [found, told] = [own, shared].map(({ attestation }) => enumName("TcbStatus", attestation.tcbStatus));
  if (found === told) return shared;
  const problem = `The platform's status is ${found ?? ""} by what you fetched, and ${told ?? ""} by what the others did`;
  throw new InputError(problem, remedy);
}

/** What somebody says of a quote. */
export interface QuoteClaim {
  readonly quote: string;
  readonly reportData: string;
  readonly attestation: Attestation;
  readonly basis: CollateralBasis;
  /** The collateral that it rests on; nothing where it is not to be had. */
  readonly collateral: Collateral | undefined;
}

/**
 * Asks the chain's judge about a claim, for nothing. What it holds to be true now it will never disprove, so whoever signs that risks nothing.
 *
 * @param at The block at which it is asked; the newest by default.
 */
export async function askJudge(
  { quorumVerifier }: Pick<Protocol, "quorumVerifier">,
  { quote, reportData, attestation, basis, collateral }: QuoteClaim,
  at: number | "latest" = "latest",
): Promise<EnumValue<"Standing">> {
  const judge = IQuoteJudge__factory.connect(
    await quorumVerifier.judge({ blockTag: at }),
    quorumVerifier.runner?.provider,
  );
  const evidence = collateral === undefined ? "0x" : encodeDocuments(collateral);
  const standing = await judge.judge(quote, evidence, reportData, attestation, basis, { blockTag: at });
  return enumName("Standing", standing) as EnumValue<"Standing">;
}
