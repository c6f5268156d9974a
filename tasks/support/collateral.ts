import { isFile, parseNumber } from "./inputs.ts";
import { readQuoteBytes } from "./quoteFile.ts";
import { formatTime } from "../../src/amounts.ts";
import { documentTitles } from "../../src/collateral/documents.ts";
import { parseFamily, familyOfQuote, type PlatformFamily } from "../../src/collateral/family.ts";
import type { CollateralTrack } from "../../src/collateral/pcs.ts";
import {
  collateralSource,
  familyOfCollateral,
  readCollateral,
  type CollateralSource,
} from "../../src/collateral/source.ts";
import type { DocumentStatus } from "../../src/collateral/status.ts";
import { InputError } from "../../src/inputError.ts";
import type { Collateral } from "../../src/sgx/index.ts";

/** The options that name a platform family and a set of its collateral. */
export interface FamilyArguments {
  readonly fmspc: string | undefined;
  readonly ca: string;
  readonly pceId: string;
  readonly quote: string | undefined;
  readonly number: string | undefined;
  readonly source: string | undefined;
  readonly rootCrlUrl?: string | undefined;
}

const isUrl = (place: string): boolean => /^https?:\/\//i.test(place);

/** The family that the options name: a quote's, one spelled out, or that of the collateral itself. */
export function parseFamilyOptions({ fmspc, ca, pceId, quote, source }: FamilyArguments): PlatformFamily {
  if (quote !== undefined) return familyOfQuote(readQuoteBytes(quote));
  if (fmspc !== undefined) return parseFamily(ca, fmspc, pceId);
  if (source !== undefined && !isUrl(source)) return familyOfCollateral(readCollateral(source));
  throw new InputError("No platform family was given", "Give --quote, or --fmspc and --ca.");
}

/** The options that name a family, for a command about it. */
export function familyOptions({ fmspc, ca, pceId }: PlatformFamily): string {
  const rare = pceId === "0x0000" ? "" : ` --pce-id ${pceId.slice(2)}`;
  return `--fmspc ${fmspc.slice(2)} --ca ${ca}${rare}`;
}

/** The tcbEvaluationDataNumber that was asked for. */
export function parseEvaluationNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(parseNumber(text, "tcbEvaluationDataNumber", 65_535n, 1n));
}

/** Which of a source's sets was asked for: a number, `early`, or the standard one. */
export function parseTrack(text: string | undefined): CollateralTrack {
  return text === undefined || text === "standard"
    ? "standard"
    : text === "early"
      ? "early"
      : (parseEvaluationNumber(text) ?? 0);
}

/**
 * A source of collateral: a URL, a folder or a file. What opens a server stands in its URL, or in the environment, where a history of
 * commands does not keep it.
 */
export function sourceAt(place: string, rootCrlUrl?: string): CollateralSource {
  return collateralSource(place, { rootCrlUrl, subscriptionKey: process.env["PCS_SUBSCRIPTION_KEY"] });
}

/** The collateral of a family from a URL, a folder or a file. */
export async function collateralFrom(
  place: string,
  family: PlatformFamily,
  track: CollateralTrack = "standard",
  rootCrlUrl?: string,
): Promise<Collateral> {
  return sourceAt(place, rootCrlUrl).fetch(family, track);
}

/** The collateral to judge a quote by: from the place that was given, else from the file beside the quote. */
export async function collateralForQuote(
  quote: Uint8Array,
  place: string | undefined,
  beside: string,
): Promise<Collateral> {
  if (place === undefined && !isFile(beside)) {
    const remedy = "Give a file, a folder, or the URL of a PCS or PCCS with --collateral.";
    throw new InputError("There is no collateral to judge the quote by", remedy);
  }
  const origin = place ?? beside;
  // What is at hand is judged as it is, so that the check for it reports a wrong family.
  return isUrl(origin) ? collateralFrom(origin, familyOfQuote(quote)) : readCollateral(origin);
}

/** What a source has in the place of a document. */
function describeOffered({ newer, isDue }: DocumentStatus): string {
  if (newer === undefined) return "nothing newer";
  return `until ${formatTime(newer)}${isDue ? "" : ", the same contents with a later date"}`;
}

/** A table of documents, its head first; with what the source has, where one was asked. */
export function documentTable(documents: readonly DocumentStatus[], hasSource: boolean): string[][] {
  return [
    ["Document", "On chain", "Holds until", ...(hasSource ? ["Source has"] : [])],
    ...documents.map((each) => [
      documentTitles[each.document],
      each.state,
      each.until === 0n ? "-" : formatTime(each.until),
      ...(hasSource ? [describeOffered(each)] : []),
    ]),
  ];
}
