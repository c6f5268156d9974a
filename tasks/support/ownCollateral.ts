import { getBytes } from "ethers";
import { statSync, writeFileSync } from "node:fs";

import { collateralFrom } from "./collateral.ts";
import type { PlatformContext } from "./context.ts";
import { takesSimulated } from "./simulation.ts";
import { isFile, readBytes } from "./inputs.ts";
import { besideQuote } from "./quoteFile.ts";
import { familyOfQuote } from "../../src/collateral/family.ts";
import { INTEL_PCS } from "../../src/collateral/pcs.ts";
import { readCollateral } from "../../src/collateral/source.ts";
import type { QuoteDocument } from "../../src/documents/nodes.ts";
import { InputError } from "../../src/inputError.ts";
import { collateralHash, serializeCollateral, type Collateral, type CollateralBasis } from "../../src/sgx/index.ts";
import type { BothCollaterals } from "../../src/validator/quotes/verification.ts";

/** Where a validator's collateral comes from. */
export interface OwnCollateralArguments {
  /** The quote's file. */
  readonly quote: string;
  /** That of the signatures, beside which the shared collateral is. */
  readonly signatures: string;
  /** The URL of a PCS or PCCS; Intel's by default. On local chains a file or a folder too. */
  readonly source: string | undefined;
}

/** By what a quote is judged, and where that is kept. */
export interface JudgedBy extends BothCollaterals {
  /** The file in which the shared collateral is, for whoever disputes. */
  readonly file: string;
}

/** The file of the collateral that validators share, beside that of their signatures. */
export function sharedFileOf(signaturesFile: string): string {
  return `${signaturesFile.replace(/(\.signatures)?\.json$/, "")}.judged-by.json`;
}

/** What this validator judges by: what a server has, and for simulated quotes, for which there is no server, what the simulator wrote. */
async function fetchOwn(
  context: PlatformContext,
  args: OwnCollateralArguments,
  quote: Uint8Array,
): Promise<Collateral> {
  const { source } = args;
  const isServer = source === undefined || /^https?:\/\//i.test(source);
  const isSimulated = await takesSimulated(context);
  if (!isSimulated && !isServer) {
    const remedy = "Leave out --source for Intel's server, or name a PCS or PCCS of your own.";
    throw new InputError("Whoever is to be judged must not choose the collateral: a validator fetches it", remedy);
  }
  const beside = besideQuote(args.quote, "collateral.json");
  if (source === undefined && isSimulated && isFile(beside)) return readCollateral(beside);
  return collateralFrom(source ?? INTEL_PCS, familyOfQuote(quote));
}

/**
 * What the validators sign for together: the documents that the first of them fetched, because each answer of Intel's has
 * other dates. Whoever signs next compares them with what it fetches itself.
 *
 * @param basis What the others have signed for; nothing where nobody has signed yet.
 */
function shareable(file: string, own: Collateral, basis: CollateralBasis | undefined): Collateral {
  if (basis === undefined) return own;
  const shared = isFile(file) && statSync(file).isFile() ? readCollateral(file) : own;
  if (collateralHash(shared) === basis.collateralHash) return shared;
  const problem = `The collateral that the other validators judged by is not in "${file}"`;
  throw new InputError(problem, "Get that file from them together with their signatures.");
}

/** The collateral to judge a quote by, fetched by this validator and shared with those who sign too. */
export async function ownCollateral(
  context: PlatformContext,
  args: OwnCollateralArguments,
  { quote }: QuoteDocument,
  basis: CollateralBasis | undefined,
): Promise<JudgedBy> {
  const own = await fetchOwn(context, args, getBytes(quote));
  const file = sharedFileOf(args.signatures);
  return { own, shared: shareable(file, own, basis), file };
}

/** Writes the shared collateral, which whoever disputes must be able to show. */
export function publishShared({ shared, file }: JudgedBy): void {
  if (isFile(file) && readBytes(file).toString("utf8") === serializeCollateral(shared)) return;
  writeFileSync(file, serializeCollateral(shared));
}
